//! Why the command did not do its work, and with which exit status.

use std::io;

use towpath_net::SettingsError;
use towpath_tokens::{ReadError, TokenError};

/// A command that did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An option.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The last attempts failed, and it is too early for the next one.
    #[error("{0}. A person may try at once, with --fresh")]
    Pausing(TokenError),
    /// The token.
    #[error(transparent)]
    Token(TokenError),
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Pausing { .. } => Self::Pausing(error),
            error => Self::Token(error),
        }
    }
}

/// An option that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// An option's value.
    #[error("{option}: {problem}")]
    Value {
        /// The option.
        option: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A setting for the network.
    #[error("{option}")]
    Setting {
        /// The option.
        option: &'static str,
        /// What is wrong.
        source: SettingsError,
    },
    /// A file that cannot be read.
    #[error("{option}: cannot read {path}")]
    Read {
        /// The option.
        option: &'static str,
        /// The file.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
}

impl UsageError {
    pub(crate) fn setting(option: &'static str) -> impl Fn(SettingsError) -> Self {
        move |source| Self::Setting { option, source }
    }
}

impl Failure {
    /// The exit status: 1 where the page gave no token, 2 where the user has to change something, 3 without a browser.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Token(error) if error.of_the_user() => USAGE,
            Self::Token(TokenError::Reading {
                source: ReadError::Browser(towpath_browser::ReadError::Browser(_)),
                ..
            }) => CANNOT_TELL,
            Self::Pausing(_) | Self::Token(_) => NONE_GIVEN,
        }
    }
}

/// The page gave no token, or not yet again.
const NONE_GIVEN: u8 = 1;

/// The user has to change the command line, a file or an option.
const USAGE: u8 = 2;

/// There is no browser that can be used.
const CANNOT_TELL: u8 = 3;
