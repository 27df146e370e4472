//! How sessions end other than by a close: the names of the protocol, section 7, and the close codes that an
//! application sees. It never decides that a session ends.

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The session is not known (any more).
    ContinuityLost,
    /// Said by the client itself: no transport worked.
    NoTransport,
    /// The gateway's limit on sessions in all, or for one address.
    TooManySessions,
    /// The gateway's limit on buffered bytes in all.
    Memory,
    /// The client took nothing while items waited.
    Stalled,
    /// A message above the gateway's limit.
    TooBig,
    /// An envelope or a number that cannot be.
    Malformed,
    /// Items beyond the credit.
    Flow,
    /// The gateway stops and its time to drain is over.
    Shutdown,
}

/// Every outcome, in the order of the protocol's table.
pub const OUTCOMES: [Outcome; 9] = [
    Outcome::ContinuityLost,
    Outcome::NoTransport,
    Outcome::TooManySessions,
    Outcome::Memory,
    Outcome::Stalled,
    Outcome::TooBig,
    Outcome::Malformed,
    Outcome::Flow,
    Outcome::Shutdown,
];

impl Outcome {
    /// The name on the wire, in logs and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::ContinuityLost => "continuity-lost",
            Self::NoTransport => "no-transport",
            Self::TooManySessions => "too-many-sessions",
            Self::Memory => "memory",
            Self::Stalled => "stalled",
            Self::TooBig => "too-big",
            Self::Malformed => "malformed",
            Self::Flow => "flow",
            Self::Shutdown => "shutdown",
        }
    }

    /// The outcome of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        OUTCOMES.into_iter().find(|outcome| outcome.name() == name)
    }

    /// The close code that the application sees.
    pub fn close_code(self) -> u16 {
        match self {
            Self::ContinuityLost => 3900,
            Self::NoTransport => 3901,
            Self::TooManySessions | Self::Memory | Self::Stalled => 1013,
            Self::TooBig => 1009,
            Self::Malformed | Self::Flow => 1002,
            Self::Shutdown => 1012,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_outcome() {
        for outcome in OUTCOMES {
            assert_eq!(Outcome::from_name(outcome.name()), Some(outcome));
        }
        assert_eq!(Outcome::from_name("other"), None);
    }
}
