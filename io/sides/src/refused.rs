//! A WebSocket that was not opened, in words for the states. It must never leave out the remedy that the diagnosis found.

use towpath_reach::Refused;

use crate::setting::setting_for;
use crate::state::{Finding, Why};

/// Why a side of this kind has no socket.
pub(crate) fn refused(kind: &str, refused: &Refused) -> Why {
    let named = refused.why().finding.as_deref();
    Why {
        sentence: match refused {
            Refused::Answer { status, why, .. } => {
                format!("the handshake was answered with {status}: {}", why.sentence)
            }
            Refused::Failed { what, why, .. } => format!("{what}: {}", why.sentence),
        },
        remedy: match (named, refused) {
            (Some(named), _) => Some(match setting_for(kind, &named.cause) {
                Some(setting) => setting.to_owned(),
                None => format!(
                    "{} For whoever runs the server: {}",
                    named.remedy.user, named.remedy.operator
                ),
            }),
            (None, Refused::Answer { .. }) => Some(ASK.to_owned()),
            (None, Refused::Failed { .. }) => None,
        },
        finding: named.map(|named| Finding {
            cause: named.cause.clone(),
            confidence: named.confidence,
        }),
    }
}

/// Only the automatic way asks by itself why it was refused.
const ASK: &str = "`towpath relay check` with this configuration asks the server why.";
