//! A WebSocket that was not opened, in words for the states. It must never leave out the remedy that the diagnosis found.

use towpath_reach::Refused;

use crate::state::{Finding, Why};

impl From<&Refused> for Why {
    fn from(refused: &Refused) -> Self {
        let named = refused.why().finding.as_deref();
        Self {
            sentence: match refused {
                Refused::Answer { status, why, .. } => {
                    format!("the handshake was answered with {status}: {}", why.sentence)
                }
                Refused::Failed { what, why, .. } => format!("{what}: {}", why.sentence),
            },
            remedy: match (named, refused) {
                (Some(named), _) => {
                    let remedy = &named.remedy;
                    Some(format!(
                        "{} For whoever runs the server: {}",
                        remedy.user, remedy.operator
                    ))
                }
                (None, Refused::Answer { .. }) => Some(ASK.to_owned()),
                (None, Refused::Failed { .. }) => None,
            },
            finding: named.map(|named| Finding {
                cause: named.cause.clone(),
                confidence: named.confidence,
            }),
        }
    }
}

/// Only the automatic way asks by itself why it was refused.
const ASK: &str = "`towpath relay check` with this configuration asks the server why.";
