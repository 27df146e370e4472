//! The file that tells clients which certificates to trust.
//!
//! It holds certificates only, never a key, and goes again unless the caller chose its place.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::LabError;

/// A PEM file on disk.
#[derive(Debug)]
pub(crate) struct AuthorityFile {
    pem: String,
    path: PathBuf,
    is_temporary: bool,
}

impl AuthorityFile {
    /// Writes the certificates to the place chosen, or to the temporary folder.
    pub(crate) fn write(pem: String, chosen: Option<PathBuf>) -> Result<Self, LabError> {
        let is_temporary = chosen.is_none();
        let path = chosen.unwrap_or_else(temporary_path);
        let written = File::options()
            .write(true)
            .create(true)
            .truncate(!is_temporary)
            // In a folder that all may write to, a file that is there already is somebody else's.
            .create_new(is_temporary)
            .open(&path)
            .and_then(|mut file| file.write_all(pem.as_bytes()));
        written.map_err(|source| LabError::WriteAuthority {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            pem,
            path,
            is_temporary,
        })
    }

    /// What the file holds.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for AuthorityFile {
    fn drop(&mut self) {
        if self.is_temporary {
            // Gone already is as good as removed.
            std::fs::remove_file(&self.path).ok();
        }
    }
}

/// A name no other lab on this machine uses.
fn temporary_path() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("towpath-lab-{}-{number}.pem", std::process::id()))
}
