//! Where a configuration comes from: what its relative paths mean, and whether it may hold secrets.

use std::path::{Path, PathBuf};

/// Where a text comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'f> {
    /// The folder that relative paths begin at.
    pub(super) folder: &'f Path,
    /// Whether only its owner can read it.
    pub(super) is_private: bool,
}

impl Source<'_> {
    /// What a path in the text means.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        self.folder.join(written)
    }
}

/// Whether only the owner of a file can read it. Where files have no modes, it is the folder's affair.
pub(super) fn is_private(file: &std::fs::File) -> std::io::Result<bool> {
    let metadata = file.metadata()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let of_others = metadata.mode() & 0o077;
        Ok(of_others == 0)
    }
    #[cfg(not(unix))]
    {
        Ok(metadata.is_file())
    }
}
