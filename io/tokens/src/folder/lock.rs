//! One lock for each token, across processes: a file that the operating system unlocks when its holder ends, however.
//!
//! It never waits by itself; whoever does not get it looks again later.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use super::{Folder, private, remove, safe};
use crate::error::TokenError;

/// The lock of one key, held until dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Folder {
    /// Takes the lock of `key`; `None` while another process, or another task, has it.
    pub(crate) fn lock(&self, key: &str) -> Result<Option<Lock>, TokenError> {
        let path = self.path().join(format!("{key}.lock"));
        loop {
            let file = private()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(|error| safe::not_opened(&path, error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => {
                    return Err(TokenError::file("lock", path)(error));
                }
            }
            // Its last holder removes the file. Who opened it before that holds the lock of a file without a name.
            if named(&file, &path) {
                return Ok(Some(Lock { file, path }));
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Both are best effort: the system unlocks a closed file, and a left-over lock file does no harm.
        remove(&self.path).ok();
        self.file.unlock().ok();
    }
}

/// Whether the open file is the one that has this name now.
#[cfg(unix)]
fn named(file: &File, path: &std::path::Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => identity(open) == identity(named),
        _ => false,
    }
}

#[cfg(not(unix))]
fn named(_: &File, path: &std::path::Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
