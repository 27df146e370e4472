//! Why a capture could not be made at all.
//!
//! What the browser met on the network is never an error here: a refused handshake is a result and belongs in
//! [`crate::Capture`].

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A browser that could not be found, started or talked to.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// A program this crate needs is not on this machine.
    #[error("{what} was not found; {how_to_get}")]
    NotFound {
        /// The program, in words.
        what: String,
        /// What to install or set, as a sentence without a capital.
        how_to_get: String,
    },
    /// The browser ended before it answered on its debugging pipe.
    #[error("{} did not start: {}", .program.display(), last_words(.stderr_tail))]
    LaunchFailed {
        /// The program that was started.
        program: PathBuf,
        /// The last lines it wrote to standard error; may be empty.
        stderr_tail: String,
    },
    /// The browser was alive but did not do something in its time.
    #[error("the browser did not finish in {} s: {what}", .limit.as_secs_f32())]
    Timeout {
        /// The step that took too long.
        what: String,
        /// The limit that was reached.
        limit: Duration,
    },
    /// The debugging protocol was broken: end of the pipe, an oversized message, an error reply.
    #[error("talking to the browser failed at {during}: {reason}")]
    Protocol {
        /// The call or step.
        during: String,
        /// What was wrong, in the browser's words where it gave some.
        reason: String,
    },
    /// The browser or its page ended while something of it was wanted.
    #[error("{reason}")]
    Ended {
        /// Who ended and why, as a clause: `the browser ended`.
        reason: String,
    },
    /// No browser could be attached to at the address given.
    #[error("no browser can be attached to at {address}: {reason}")]
    Attach {
        /// The address without its path, which would let others in.
        address: String,
        /// What was met there, as a clause.
        reason: String,
    },
    /// The private certificate authority could not be made known to the browser.
    #[error("the browser could not be made to trust the given certificates: {reason}")]
    Trust {
        /// What failed.
        reason: String,
    },
    /// An address in the request cannot be used.
    #[error("{address} is not an address to visit: {reason}")]
    Address {
        /// The address as given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file, directory or process operation of this machine failed.
    #[error("{during} failed")]
    Io {
        /// The operation.
        during: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl BrowserError {
    pub(crate) fn io(during: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let during = during.into();
        move |source| Self::Io { during, source }
    }

    /// The same error for another caller who waited for the same thing.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::NotFound { what, how_to_get } => Self::NotFound {
                what: what.clone(),
                how_to_get: how_to_get.clone(),
            },
            Self::LaunchFailed {
                program,
                stderr_tail,
            } => Self::LaunchFailed {
                program: program.clone(),
                stderr_tail: stderr_tail.clone(),
            },
            Self::Timeout { what, limit } => Self::Timeout {
                what: what.clone(),
                limit: *limit,
            },
            Self::Protocol { during, reason } => Self::protocol(during, reason),
            Self::Ended { reason } => Self::ended(reason),
            Self::Attach { address, reason } => Self::Attach {
                address: address.clone(),
                reason: reason.clone(),
            },
            Self::Trust { reason } => Self::Trust {
                reason: reason.clone(),
            },
            Self::Address { address, reason } => Self::Address {
                address: address.clone(),
                reason: reason.clone(),
            },
            Self::Io { during, source } => Self::Io {
                during: during.clone(),
                source: io::Error::new(source.kind(), source.to_string()),
            },
        }
    }

    pub(crate) fn ended(reason: impl Into<String>) -> Self {
        Self::Ended {
            reason: reason.into(),
        }
    }

    pub(crate) fn protocol(during: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Protocol {
            during: during.into(),
            reason: reason.into(),
        }
    }
}

/// Chromium marks what ends it as fatal and prints a stack after it; a shell's or loader's last line is its reason.
fn last_words(stderr_tail: &str) -> &str {
    let lines = || stderr_tail.lines().filter(|line| !line.trim().is_empty());
    lines()
        .find(|line| line.contains("FATAL"))
        .or_else(|| lines().find(|line| line.contains("--no-sandbox")))
        .or_else(|| lines().next_back())
        .unwrap_or("it ended without a word")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_launch_shows_the_line_that_matters() {
        let shown = |stderr_tail: &str| {
            let error = BrowserError::LaunchFailed {
                program: PathBuf::from("/opt/chromium"),
                stderr_tail: stderr_tail.into(),
            };
            error.to_string()
        };
        assert_eq!(
            shown("noise about a bus\nsh: 1: exec: /opt/chromium: not found\n\n"),
            "/opt/chromium did not start: sh: 1: exec: /opt/chromium: not found"
        );
        assert_eq!(
            shown("noise\n[1:FATAL:host.cc] No usable sandbox!\n#0 0x55\n#1 0x56\n"),
            "/opt/chromium did not start: [1:FATAL:host.cc] No usable sandbox!"
        );
    }
}
