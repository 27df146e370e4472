//! Every bound of the gateway that can be set. What happens at each is in [`crate::limits`].

use serde::{Deserialize, Serialize};

use super::value::Seconds;

/// `[limits]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Client connections (TCP) in all.
    pub connections: usize,
    /// Client connections of one address (IPv6: of one /64).
    pub connections_per_address: usize,
    /// Sessions in all, attached or not.
    pub sessions: usize,
    /// Sessions of one address (IPv6: of one /64).
    pub sessions_per_address: usize,
    /// Bytes kept for one session: messages not acknowledged and messages not yet taken by the backend.
    pub buffered_bytes_per_session: usize,
    /// The same in all sessions together.
    pub buffered_bytes: usize,
    /// Bytes of a request's or an answer's head.
    pub header_bytes: usize,
    /// Bytes of the body of a session's POST.
    pub body_bytes: usize,
    /// For PROXY protocol, for TLS, and for the head of each request from when one can come.
    pub head_seconds: Seconds,
    /// For the backend to answer a handshake.
    pub handshake_seconds: Seconds,
    /// For the backend to begin the answer to an ordinary request.
    pub answer_seconds: Seconds,
    /// Silence in both directions after which a plain WebSocket is closed; 0: never.
    pub idle_seconds: Seconds,
    /// How long a reader may take nothing while there is something for it.
    pub slow_reader_seconds: Seconds,
    /// How long a session outlives its last transport.
    pub detached_seconds: Seconds,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 100_000,
            connections_per_address: 10_000,
            sessions: 50_000,
            sessions_per_address: 1_000,
            buffered_bytes_per_session: 1 << 20,
            buffered_bytes: 1 << 30,
            header_bytes: 32 * 1024,
            body_bytes: 1 << 20,
            head_seconds: Seconds::whole(30),
            handshake_seconds: Seconds::whole(10),
            answer_seconds: Seconds::whole(120),
            idle_seconds: Seconds::whole(0),
            slow_reader_seconds: Seconds::whole(30),
            detached_seconds: Seconds::whole(120),
        }
    }
}
