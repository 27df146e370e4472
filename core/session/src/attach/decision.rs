//! What becomes of attaches and requests, as the host is told.

use crate::body::Secret;

/// Fresh random bytes for one decision.
#[derive(Debug, Clone, Copy)]
pub struct Secrets {
    /// The next token, if one is needed.
    pub token: [u8; 16],
    /// The key of the attachment.
    pub key: [u8; 16],
}

/// What becomes of an attach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It carries the session from now on.
    InUse {
        /// For `attached`.
        grant: Grant,
        /// The generation that was in use: it gets `superseded`, as does each candidate with a lower generation.
        supersedes: Option<u64>,
    },
    /// It answers pings until the client uses it.
    Candidate {
        /// For `attached`.
        grant: Grant,
        /// The oldest candidate, if there are too many: it gets `superseded`.
        ends: Option<u64>,
    },
    /// A later attachment is in use, or the token is an old one of this session.
    Superseded {
        /// The generation in use, 0 if none ever was.
        generation: u64,
    },
    /// A copy of an attach that was taken already: an empty answer of status 200.
    Late,
    /// It is not taken.
    Refused(Refusal),
}

/// What an attachment that is taken gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The next token.
    pub token: Secret,
    /// The key of the attachment.
    pub key: Secret,
}

/// Why an attach or a request is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The secret opens nothing (any more): `continuity-lost`.
    #[error("the secret is not one of a session")]
    Unknown,
    /// Another Origin than that of the first attach: status 403.
    #[error("another Origin than at first")]
    OtherOrigin,
    /// Another target than that of the first attach: `malformed`.
    #[error("another target than at first")]
    OtherTarget,
    /// A version that is not spoken: `malformed`.
    #[error("this version of the protocol is not spoken")]
    Version,
}

/// What becomes of `use`, and of an item sent on a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// It carries the session from now on.
    Now {
        /// The generation that was in use, and now gets `superseded` like each candidate with a lower generation.
        supersedes: Option<u64>,
    },
    /// It did already.
    Already,
    /// It is over.
    Superseded {
        /// The generation in use.
        generation: u64,
    },
}

/// What becomes of a request that begins with `with`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// It is taken. On the downlink it takes the place of the one before.
    Taken {
        /// The attachment that it belongs to.
        generation: u64,
        /// Whether that is in use, and not a candidate.
        in_use: bool,
    },
    /// A later request of this attachment came before: an empty answer of status 200.
    Late,
    /// The attachment is over.
    Superseded {
        /// The generation in use.
        generation: u64,
    },
    /// It is not taken.
    Refused(Refusal),
}

/// A secret that leads to this session, or does no longer. For the host's registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// From now on it leads here.
    Add(Secret),
    /// It does no longer.
    Remove(Secret),
}
