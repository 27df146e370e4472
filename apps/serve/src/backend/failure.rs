//! What can keep the backend from answering, by name.

use std::io;
use std::time::Duration;

use thiserror::Error;

/// Why there was no answer of the backend that could be handed on.
#[derive(Debug, Error)]
pub(crate) enum BackendFailure {
    /// The upstream's name has no address.
    #[error("the upstream's name has no address")]
    Name(#[source] io::Error),
    /// No address took the connection.
    #[error("the upstream takes no connection")]
    Unreachable(#[source] io::Error),
    /// TLS failed.
    #[error("TLS with the upstream failed")]
    Tls(#[source] io::Error),
    /// No complete answer in time.
    #[error("the upstream did not answer within {after:?}")]
    TimedOut {
        /// The limit, `limits.handshake_seconds`.
        after: Duration,
    },
    /// The connection ended or broke before the answer was complete.
    #[error("the upstream ended the connection before it answered")]
    Ended(#[source] Option<io::Error>),
    /// What it sent is not HTTP/1.1.
    #[error("the upstream's answer is not HTTP")]
    NotHttp,
    /// The head of the answer is over the limit.
    #[error("the head of the upstream's answer is over {limit_bytes} bytes")]
    HeadTooLarge {
        /// The limit, `limits.header_bytes`.
        limit_bytes: usize,
    },
    /// A 101 whose accept belongs to another key (RFC 6455 section 4.1).
    #[error("the upstream's 101 has the wrong Sec-WebSocket-Accept")]
    WrongAccept,
}

impl BackendFailure {
    /// A short name for logs and metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Name(_) => "name",
            Self::Unreachable(_) => "unreachable",
            Self::Tls(_) => "tls",
            Self::TimedOut { .. } => "timeout",
            Self::Ended(_) => "ended",
            Self::NotHttp => "not-http",
            Self::HeadTooLarge { .. } => "head-too-large",
            Self::WrongAccept => "wrong-accept",
        }
    }

    /// What a gateway answers to it (RFC 9110 sections 15.6.3 and 15.6.5).
    pub(crate) fn status(&self) -> http::StatusCode {
        match self {
            Self::TimedOut { .. } => http::StatusCode::GATEWAY_TIMEOUT,
            _ => http::StatusCode::BAD_GATEWAY,
        }
    }
}
