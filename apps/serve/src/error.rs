//! Why the gateway cannot start.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the gateway cannot start or run.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The upstream's URL has no host that can be dialled.
    #[error("the upstream's URL names no host")]
    UpstreamHost,
    /// The settings are wrong; the text names file, line and way out.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// A certificate or key cannot be used.
    #[error("cannot use {}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The console's token can neither be read nor made.
    #[error("cannot use {} for the console's token", path.display())]
    ConsoleToken {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is kept of reports cannot be opened.
    #[error("reports.file")]
    Reports(#[from] towpath_reports::StoreError),
    /// The signals of the operating system cannot be watched.
    #[error("cannot watch for signals")]
    Signals(#[source] io::Error),
}

impl ServeError {
    pub(crate) fn certificate(
        path: &Path,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Certificate {
            path: path.to_owned(),
            source: source.into(),
        }
    }
}
