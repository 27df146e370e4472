//! What can become of a request that has no answer. It must never show an address or a header.

use thiserror::Error;

/// A request without an answer, each as one sentence without a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HttpError {
    /// The server cannot have the request.
    #[error("{0}")]
    NotSent(String),
    /// The server may have the request.
    #[error("{0}")]
    Unanswered(String),
    /// The answer is longer than this program reads. The server has the request.
    #[error("the answer has more than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// No such request can be sent, now or later.
    #[error("{0}")]
    Unusable(String),
}

impl HttpError {
    /// Whether the server may have acted on the request all the same.
    pub fn is_uncertain(&self) -> bool {
        matches!(self, Self::Unanswered(_) | Self::TooLarge { .. })
    }
}
