//! Why there is no token: each message says what is wrong and how to mend it, and holds no secret.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A token that could not be had, kept or forgotten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// A page, place or account that cannot be one.
    #[error("{problem}")]
    Source {
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// Nowhere to keep tokens.
    #[error(
        "there is no folder for tokens: neither XDG_STATE_HOME nor HOME names an absolute path; name one by {FOLDER_VARIABLE}"
    )]
    NoFolder,
    /// A file or folder that others can get at, or that is none of ours.
    #[error("{} {problem}. {fix}", .path.display())]
    Unsafe {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it, as a predicate.
        problem: String,
        /// What to do, as a sentence without its full stop.
        fix: String,
    },
    /// A file of the cache that a newer version of this program has written.
    #[error("{} was written by a newer version of this program (its format is {found})", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format's number.
        found: u32,
    },
    /// A file operation failed.
    #[error("cannot {doing} {}", .path.display())]
    File {
        /// What was tried: `read`, `write`, `lock` and so on.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process reads the same token and does not finish.
    #[error(
        "another process has been reading the {wanted} for more than {} s; end it, or try again later",
        .limit.as_secs()
    )]
    Busy {
        /// The source in words.
        wanted: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The last attempts failed, so the next one has to wait.
    #[error("{reason}; the next attempt is made in {} s at the earliest", .wait.as_secs().max(1))]
    Pausing {
        /// What went wrong, as a sentence without a capital.
        reason: String,
        /// How long until then.
        wait: Duration,
    },
    /// The token could not be read from its page.
    #[error("cannot read the {wanted}")]
    Reading {
        /// The source in words.
        wanted: String,
        /// Why.
        source: ReadError,
    },
    /// The page gave the token that the server had refused.
    #[error(
        "the token that was refused is given again ({wanted}); log in there anew, or find out why the server refuses it"
    )]
    Unchanged {
        /// The source in words.
        wanted: String,
    },
    /// The keyring could not be used.
    #[error("the keyring cannot be used: {problem}")]
    Keyring {
        /// What is wrong, and what would help.
        problem: String,
    },
}

/// Why a page gave no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The browser could not be used, or what was wanted did not turn up.
    #[error(transparent)]
    Browser(#[from] towpath_browser::ReadError),
    /// The page was reached, and what it holds is no token.
    #[error("{0}")]
    Page(String),
    /// A request for a login gave no token.
    #[error("{0}")]
    Login(String),
    /// The reading took longer than it may.
    #[error("it did not finish within {} s", .0.as_secs())]
    TimedOut(Duration),
}

impl TokenError {
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }

    /// Whether the user has to change the command line, a file or an option, rather than the page or the server.
    pub fn of_the_user(&self) -> bool {
        matches!(
            self,
            Self::Source { .. }
                | Self::NoFolder
                | Self::Unsafe { .. }
                | Self::Newer { .. }
                | Self::File { .. }
                | Self::Keyring { .. }
        )
    }
}

/// Names another folder for the cache.
pub const FOLDER_VARIABLE: &str = "TOWPATH_TOKENS";
