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
            remedy: named.map(|named| {
                let remedy = &named.remedy;
                format!(
                    "{} For whoever runs the server: {}",
                    remedy.user, remedy.operator
                )
            }),
            finding: named.map(|named| Finding {
                cause: named.cause.clone(),
                confidence: named.confidence,
            }),
        }
    }
}
