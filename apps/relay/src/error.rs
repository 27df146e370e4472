//! Why a relay cannot run: each message says what, and how to mend it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

use crate::config::ConfigError;

/// A relay that cannot run. All of it is the user's to change.
#[derive(Debug, Error)]
pub enum RelayError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder of the state file cannot be made.
    #[error("the folder {} cannot be made; name another file with state", path.display())]
    StateFolder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The state file cannot be used.
    #[error(transparent)]
    Outbox(#[from] towpath_outbox::Error),
    /// The status listener's place is taken, or not ours.
    #[error(
        "cannot listen on {address} for the status; choose another place with listen in [status], or \"none\""
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The status listener's token cannot be had.
    #[error("the access token in {} cannot be used", path.display())]
    AccessToken {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// `relay init` writes over nothing.
    #[error("{} is there already; name another file: towpath relay init FILE", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A new configuration cannot be written.
    #[error("{} cannot be written", path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is nobody to ask.
    #[error("by {}, the status is told nowhere (listen = \"none\" in [status])", path.display())]
    NoStatus {
        /// The configuration.
        path: PathBuf,
    },
    /// Whoever was asked does not answer.
    #[error("no relay answers at {address}: {why}; is it running with this configuration?")]
    Unanswered {
        /// Where it was asked.
        address: SocketAddr,
        /// What happened.
        why: String,
    },
    /// A check may not speak beside a relay, which would take it for somebody else's words.
    #[error(
        "a relay of this configuration is running, and would tell on what is said beside it; ask it with towpath relay status, end it first, or leave out --say"
    )]
    SpeaksBeside,
    /// Signals cannot be received.
    #[error("cannot receive signals")]
    Signals(#[source] io::Error),
}

impl RelayError {
    /// Whether somebody else listens there.
    pub(crate) fn is_in_use(&self) -> bool {
        matches!(self, Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse)
    }
}
