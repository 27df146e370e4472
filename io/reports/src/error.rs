//! What can go wrong with the store, in words for the operator who named its file.

use std::io;
use std::path::PathBuf;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be made or its mode cannot be set.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{}: this is no file of reports; name another one, or move it away", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later program wrote it.
    #[error("{}: written by a later version (schema {found}, this program knows {known}); use that version, or name another file", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// One case is larger than any may be.
    #[error("a case of {bytes} bytes is larger than the {most} that are kept")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// What is kept cannot be read any more.
    #[error("a kept case cannot be read: {0}")]
    Content(#[from] serde_json::Error),
    /// `SQLite` says no.
    #[error("SQLite: {0}")]
    Database(#[from] rusqlite::Error),
}
