//! What worked at the same host without a WebSocket, while one failed.

use crate::evidence::Evidence;
use crate::finding;
use crate::observation::{ObservationId, PageTestKind, PageTestOutcome};
use crate::words::duration;

/// What worked at the same host without a WebSocket.
pub(super) struct Control {
    id: ObservationId,
    what: String,
    /// How long its proof took, in milliseconds.
    pub took_ms: u64,
    /// When it was proven.
    from_ms: u64,
    /// When it ended; absent while it lives.
    until_ms: Option<u64>,
}

impl Control {
    /// Whether it worked while something began, or soon after: what had died before tells nothing of it.
    pub(super) fn covers(&self, began_ms: u64) -> bool {
        self.from_ms <= began_ms.saturating_add(NEAR_MS)
            && self.until_ms.is_none_or(|until| until >= began_ms)
    }

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
            from_ms: evidence.at_ms(seen.id).saturating_add(proven_ms),
            until_ms: seen
                .fact
                .ended_ms
                .map(|ended| evidence.at_ms(seen.id).saturating_add(ended)),
            what: format!(
                "At the same time the transport `{}` to the same host worked, after {}.",
                seen.fact.transport,
                duration(proven_ms)
            ),
            took_ms: proven_ms,
        })
    });
    let tests = evidence.page_tests().filter_map(|seen| {
        let ordinary = matches!(seen.fact.test, PageTestKind::Fetch)
            && seen.fact.outcome == PageTestOutcome::Passed;
        ordinary.then(|| Control {
            id: seen.id,
            from_ms: evidence.at_ms(seen.id),
            until_ms: Some(evidence.at_ms(seen.id).saturating_add(RUN_MS)),
            what: format!(
                "An ordinary request from the same browser to the same host was answered within {}.",
                duration(seen.fact.elapsed_ms)
            ),
            took_ms: seen.fact.elapsed_ms,
        })
    });
    attempts.chain(tests).collect()
}

/// A control that is proven later tells nothing. A race starts its next transport at once.
const NEAR_MS: u64 = 20_000;
/// The short tests of the check page take no longer.
const RUN_MS: u64 = 60_000;
