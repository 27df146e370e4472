//! What a test expects of a verdict, as a value for tables.

use towpath_tests::support::{Sure, Verdict};

/// What must come out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expect {
    /// No fault.
    Healthy,
    /// This cause first, at least so sure.
    Cause(&'static str, Sure),
}

impl Expect {
    #[track_caller]
    pub(crate) fn hold(self, verdict: &Verdict) {
        match self {
            Self::Healthy => verdict.assert_healthy(),
            Self::Cause(cause, sure) => verdict.assert_first(cause, sure),
        }
    }
}

/// A cause that must be shown.
pub(crate) const fn certain(cause: &'static str) -> Expect {
    Expect::Cause(cause, Sure::Certain)
}

/// A cause that must at least fit best.
pub(crate) const fn likely(cause: &'static str) -> Expect {
    Expect::Cause(cause, Sure::Likely)
}

/// A cause that must come first, however sure.
pub(crate) const fn possible(cause: &'static str) -> Expect {
    Expect::Cause(cause, Sure::Possible)
}
