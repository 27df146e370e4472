//! What can go wrong with the store, in words for the operator who named its file.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be made, or its mode cannot be set.
    #[error("the state file {} cannot be used{}", path.display(), remedy(source))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{}: this is no state file of a relay; name another one, or move it away", path.display())]
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
    /// The file is damaged.
    #[error("{}: the file is damaged ({why}); stop the relay, move the file and its -wal away, and start again: what was waiting in it is lost, and rooms go on from now. `sqlite3 FILE .recover` may save what waits", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, in the words of `SQLite`.
        why: String,
    },
    /// Another process has it.
    #[error("{}: another relay uses this state file; stop it, or give this one a `state` of its own", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// There is no room for more.
    #[error(
        "the disk that holds the state file is full; nothing is lost, and no side is read until there is room"
    )]
    DiskFull,
    /// The store's thread has ended.
    #[error("the state file is closed")]
    Closed,
    /// A message cannot be written down or read back.
    #[error("a kept message cannot be read: {0}")]
    Content(#[from] serde_json::Error),
    /// `SQLite` says no.
    #[error("SQLite: {0}")]
    Database(String),
}

/// What to do about a file that belongs to somebody else.
fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "; give it, and the folder it is in, to the user that runs this (chown)"
        }
        _ => "",
    }
}

impl Error {
    /// The same for everybody who shared a commit that failed.
    pub(crate) fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Database(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::of(&error)
    }
}
