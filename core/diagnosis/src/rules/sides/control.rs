//! What worked at the same host without a WebSocket, while one failed.

use crate::evidence::Evidence;
use crate::finding;
use crate::observation::{ObservationId, PageTestKind, PageTestOutcome};
use crate::words::duration;

/// What worked at the same host without a WebSocket.
pub(super) struct Control {
    id: ObservationId,
    pub at_ms: u64,
    what: String,
    /// How long it took, in milliseconds, where that says something about the way.
    pub took_ms: Option<u64>,
}

impl Control {
    pub(super) fn shows(&self) -> finding::Evidence {
        finding::Evidence {
            observation: self.id,
            shows: self.what.clone(),
        }
    }
}

/// All controls of a case.
pub(super) fn controls(evidence: &Evidence<'_>) -> Vec<Control> {
    let attempts = evidence.attempts().filter_map(|seen| {
        let proven_ms = seen.fact.proven_ms?;
        (!seen.fact.transport.is_websocket()).then(|| Control {
            id: seen.id,
            at_ms: evidence.at_ms(seen.id),
            what: format!(
                "At the same time the transport `{}` to the same host worked, after {}.",
                seen.fact.transport,
                duration(proven_ms)
            ),
            took_ms: Some(proven_ms),
        })
    });
    let tests = evidence.page_tests().filter_map(|seen| {
        let ordinary = matches!(seen.fact.test, PageTestKind::Fetch)
            && seen.fact.outcome == PageTestOutcome::Passed;
        ordinary.then(|| Control {
            id: seen.id,
            at_ms: evidence.at_ms(seen.id),
            what: format!(
                "An ordinary request from the same browser to the same host was answered within {}.",
                duration(seen.fact.elapsed_ms)
            ),
            took_ms: Some(seen.fact.elapsed_ms),
        })
    });
    let attached = evidence.attachments().filter_map(|seen| {
        let other = !seen.fact.transport.is_websocket() && seen.fact.attached && seen.fact.used;
        other.then(|| Control {
            id: seen.id,
            at_ms: evidence.at_ms(seen.id),
            what: format!(
                "The session went on over the transport `{}`.",
                seen.fact.transport
            ),
            took_ms: None,
        })
    });
    attempts.chain(tests).chain(attached).collect()
}
