//! What there is at this moment.

use serde::Serialize;

use crate::gateway::Gateway;

/// Counts of what is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(in crate::console) struct Now {
    /// Client connections.
    connections: usize,
    /// Sessions, attached or not.
    sessions: u64,
    /// Plain WebSockets that pass through.
    plain: u64,
}

impl Now {
    /// The gateway's counts.
    pub(in crate::console) fn of(gateway: &Gateway) -> Self {
        Self {
            connections: gateway.connections.all(),
            sessions: gateway.sessions.how_many(),
            plain: u64::try_from(gateway.metrics.passthrough.get()).unwrap_or(0),
        }
    }
}
