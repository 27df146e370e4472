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
    /// The status listener's place is taken, or not ours.
    #[error(
        "cannot listen on {address} for the status: {source}; choose another place with listen in [status], or \"none\""
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The status listener's token cannot be had.
    #[error("the access token in {} cannot be used: {source}", path.display())]
    AccessToken {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}
