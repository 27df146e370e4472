//! A configuration to begin with: every setting with what it means, and a link that shows how.
//!
//! It must never write over a file.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use crate::config::template;
use crate::error::RelayError;

/// Writes a new configuration, readable by its owner only.
pub fn init(path: &Path) -> Result<(), RelayError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(template().as_bytes())?;
        file.sync_all()
    });
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => RelayError::Exists {
            path: path.to_owned(),
        },
        _ => RelayError::NotWritten {
            path: path.to_owned(),
            source,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_for_its_owner_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.toml");
        init(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&path, "mine").unwrap();
        let error = init(&path).unwrap_err().to_string();
        assert!(
            error.contains("relay.toml") && error.contains("there already"),
            "{error}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
}
