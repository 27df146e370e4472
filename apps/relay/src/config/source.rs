//! Where a configuration comes from: what its relative paths mean, and whether it may hold secrets.

use std::ffi::OsStr;
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
        let handed = std::env::var_os("CREDENTIALS_DIRECTORY");
        self.folder.join(among(written, handed.as_deref()))
    }
}

/// A path that may begin at the folder in which the service manager hands secrets over. What is not set stays as it is written, so that
/// a mistake shows it.
fn among(written: &str, handed: Option<&OsStr>) -> PathBuf {
    let rest = written.strip_prefix("$CREDENTIALS_DIRECTORY/");
    match (rest, handed.filter(|folder| !folder.is_empty())) {
        (Some(rest), Some(folder)) => Path::new(folder).join(rest),
        _ => PathBuf::from(written),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_begin_where_secrets_are_handed_over() {
        let folder = OsStr::new("/run/credentials/relay");
        for (written, handed, expected) in [
            (
                "$CREDENTIALS_DIRECTORY/irc",
                Some(folder),
                "/run/credentials/relay/irc",
            ),
            ("irc", Some(folder), "irc"),
            (
                "$CREDENTIALS_DIRECTORY/irc",
                None,
                "$CREDENTIALS_DIRECTORY/irc",
            ),
        ] {
            assert_eq!(among(written, handed), PathBuf::from(expected));
        }
    }
}
