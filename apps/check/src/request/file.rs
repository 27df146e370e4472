//! Files that options name, read up to a limit.

use std::fs::File;
use std::io::Read as _;

use crate::usage::UsageError;

/// For tokens, headers, cookies and pasted commands.
pub(crate) const SMALL_BYTES_MAX: u64 = 1024 * 1024;

/// For reports, HARs and network logs.
pub(crate) const LARGE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The bytes of a file.
pub(crate) fn bytes(option: &'static str, path: &str, limit: u64) -> Result<Vec<u8>, UsageError> {
    let unreadable = |source| UsageError::Read {
        option,
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(UsageError::TooLarge {
            option,
            path: path.to_owned(),
            limit_bytes: limit,
        });
    }
    Ok(bytes)
}

/// The text of a file.
pub(crate) fn text(option: &'static str, path: &str, limit: u64) -> Result<String, UsageError> {
    String::from_utf8(bytes(option, path, limit)?).map_err(|_| UsageError::Content {
        path: path.to_owned(),
        problem: "it is not text (UTF-8 is expected)".to_owned(),
    })
}
