//! What the end-to-end tests saw of each cause, noted in a file from which the table of causes is made.
//!
//! It never decides whether a test passes: call [`record`] first, then assert.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Stands for a cause in the notes of a healthy control: a test that no fault is reported.
pub const HEALTHY: &str = "healthy";

/// What one test saw of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Id in the catalogue, or [`HEALTHY`].
    pub cause: String,
    /// The test's name, for people to search for.
    pub test: String,
    /// Whether the top finding was the expected one.
    pub right: bool,
}

/// Appends one line to the notes. `right` says whether the top finding was `cause`.
///
/// # Errors
/// When the file cannot be written, or a name holds a tab or a line break.
pub fn record(cause: &str, test: &str, right: bool) -> io::Result<()> {
    append(&path(), cause, test, right)
}

/// Reads the notes of the last run; the last line about a test and a cause counts.
///
/// # Errors
/// When there is no such file: no test has run since the last `cargo clean`.
pub fn read() -> io::Result<Vec<Seen>> {
    Ok(parse(&fs::read_to_string(path())?))
}

/// Where the notes are; `cargo xtask test` removes them before each run.
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/e2e-results.tsv")
}

fn append(path: &Path, cause: &str, test: &str, right: bool) -> io::Result<()> {
    if [cause, test].iter().any(|name| name.contains(['\t', '\n'])) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a name holds a tab or a line break",
        ));
    }
    let line = format!("{cause}\t{test}\t{}\n", if right { "ok" } else { "wrong" });
    // One write in append mode, so that lines of tests in other processes do not mix.
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?
        .write_all(line.as_bytes())
}

fn parse(text: &str) -> Vec<Seen> {
    let mut last = BTreeMap::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        if let (Some(cause), Some(test), Some(word)) = (fields.next(), fields.next(), fields.next())
        {
            last.insert((cause.to_owned(), test.to_owned()), word == "ok");
        }
    }
    last.into_iter()
        .map(|((cause, test), right)| Seen { cause, test, right })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_read_again() {
        let path = std::env::temp_dir().join(format!("towpath-results-{}.tsv", std::process::id()));
        append(&path, "dns-nxdomain", "names::missing", false).unwrap();
        append(&path, "dns-nxdomain", "names::missing", true).unwrap();
        append(&path, HEALTHY, "direct", true).unwrap();
        let seen = parse(&fs::read_to_string(&path).unwrap());
        fs::remove_file(&path).unwrap();
        let expected = [
            ("dns-nxdomain", "names::missing", true),
            (HEALTHY, "direct", true),
        ];
        assert_eq!(seen.len(), expected.len());
        for (seen, (cause, test, right)) in seen.iter().zip(expected) {
            assert_eq!(
                (seen.cause.as_str(), seen.test.as_str(), seen.right),
                (cause, test, right)
            );
        }
    }

    #[test]
    fn names_that_would_break_the_file_are_refused() {
        let nowhere = Path::new("/nonexistent");
        assert_eq!(
            append(nowhere, "a\tb", "c", true).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
        assert_eq!(
            append(nowhere, "a", "b\nc", true).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
    }
}
