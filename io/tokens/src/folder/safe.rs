//! Whether a file or folder is ours alone.
//!
//! On systems without Unix permissions nothing is checked; there the user's profile folder is private by itself.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use crate::error::TokenError;

/// Refuses a folder that others can look into or that is not ours.
pub(super) fn folder(path: &Path) -> Result<(), TokenError> {
    let metadata = fs::metadata(path).map_err(TokenError::file("read", path))?;
    if !metadata.is_dir() {
        return Err(TokenError::Unsafe {
            path: path.to_owned(),
            problem: "is no folder".to_owned(),
            fix: "Remove it, or name another folder".to_owned(),
        });
    }
    private(path, &metadata, "700", "")
}

/// Refuses a file that others can read or write, that is not ours, or that is no plain file.
pub(super) fn file(path: &Path, metadata: &fs::Metadata) -> Result<(), TokenError> {
    if !metadata.is_file() {
        return Err(TokenError::Unsafe {
            path: path.to_owned(),
            problem: "is no plain file".to_owned(),
            fix: "Remove it".to_owned(),
        });
    }
    let known = "; its token may be known to others by now, so better forget it and log out where it was issued";
    private(path, metadata, "600", known)
}

#[cfg(unix)]
fn private(
    path: &Path,
    metadata: &fs::Metadata,
    wanted: &str,
    beware: &str,
) -> Result<(), TokenError> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = metadata.mode() & 0o777;
    let (problem, fix) = if metadata.uid() != rustix::process::geteuid().as_raw() {
        (
            format!("belongs to another user (number {})", metadata.uid()),
            "Remove it, or name another folder".to_owned(),
        )
    } else if mode & 0o077 != 0 {
        (
            format!("is open to other users (mode {mode:03o}){beware}"),
            format!("To use it all the same: chmod {wanted} {}", path.display()),
        )
    } else {
        return Ok(());
    };
    Err(TokenError::Unsafe {
        path: path.to_owned(),
        problem,
        fix,
    })
}

#[cfg(not(unix))]
fn private(_: &Path, _: &fs::Metadata, _: &str, _: &str) -> Result<(), TokenError> {
    Ok(())
}

/// Options that follow no link in the last part of a path, and wait for no pipe's other end.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    options
}

/// Why a file could not be opened: a link is told apart.
pub(super) fn not_opened(path: &Path, error: io::Error) -> TokenError {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return TokenError::Unsafe {
            path: path.to_owned(),
            problem: "is a symbolic link".to_owned(),
            fix: "Remove it".to_owned(),
        };
    }
    TokenError::file("open", path)(error)
}
