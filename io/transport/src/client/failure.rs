//! Why one attachment ended. Facts for the driver and for logs; applications see close codes.

use thiserror::Error;

/// What went wrong with one transport. It never ends the session by itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// No connection to the gateway.
    #[error("no connection: {0}")]
    Dial(String),
    /// An answer other than the protocol's.
    #[error("answered with status {0}")]
    Status(u16),
    /// The WebSocket handshake was not accepted.
    #[error("the WebSocket handshake failed: {0}")]
    Handshake(String),
    /// The connection ended or was reset.
    #[error("the connection was cut: {0}")]
    Cut(String),
    /// Nothing came for longer than the protocol allows.
    #[error("no answer within {0} ms")]
    Silent(u64),
    /// A `send` body did not get through, however often it was repeated.
    #[error("a body did not get through")]
    Unsent,
    /// What came is not the protocol.
    #[error("what came is not the session protocol: {0}")]
    Malformed(String),
    /// The gateway said that it uses another attachment.
    #[error("superseded by generation {0}")]
    Superseded(u64),
    /// The caller asked for it.
    #[error("ended by the caller")]
    Killed,
}
