//! What the end-to-end tests saw of carriage through bad networks, noted in a file for people.
//!
//! It never decides whether a test passes: call [`record`] first, then assert.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// How a session fared through one network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// The client, for example `firefox` or `rust`.
    pub client: String,
    /// The network, or the program that stood in the way.
    pub network: String,
    /// Whether the client spoke TLS.
    pub tls: bool,
    /// 1 for a client that knows nothing yet, 2 for one that has been here.
    pub visit: u32,
    /// The transport over which the last message came.
    pub transport: String,
    /// From the constructor to the first message, in milliseconds.
    pub first_ms: u64,
    /// Messages sent, both directions together.
    pub sent: u64,
    /// Messages that never came.
    pub lost: u64,
    /// Messages that came again.
    pub doubled: u64,
    /// Messages that came before an earlier one.
    pub reordered: u64,
}

/// The names of the columns, in order.
pub const COLUMNS: [&str; 10] = [
    "network",
    "client",
    "tls",
    "visit",
    "transport",
    "first_ms",
    "sent",
    "lost",
    "doubled",
    "reordered",
];

/// Appends one line to the notes.
///
/// # Errors
/// When the file cannot be written, or a name holds a tab or a line break.
pub fn record(carried: &Carried) -> io::Result<()> {
    let line = line(carried)?;
    // One write in append mode, so that lines of tests in other processes do not mix.
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path())?
        .write_all(line.as_bytes())
}

/// Where the notes are.
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/carry-results.tsv")
}

fn line(carried: &Carried) -> io::Result<String> {
    let fields = [
        carried.network.clone(),
        carried.client.clone(),
        if carried.tls { "tls" } else { "plain" }.to_owned(),
        carried.visit.to_string(),
        carried.transport.clone(),
        carried.first_ms.to_string(),
        carried.sent.to_string(),
        carried.lost.to_string(),
        carried.doubled.to_string(),
        carried.reordered.to_string(),
    ];
    if fields.iter().any(|field| field.contains(['\t', '\n'])) {
        let why = "a name holds a tab or a line break";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    Ok(fields.join("\t") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_field_for_each_column() {
        let carried = Carried {
            network: "stripped+far".to_owned(),
            client: "firefox".to_owned(),
            visit: 2,
            first_ms: 31,
            ..Carried::default()
        };
        let line = line(&carried).unwrap();
        assert_eq!(line, "stripped+far\tfirefox\tplain\t2\t\t31\t0\t0\t0\t0\n");
        assert_eq!(line.split('\t').count(), COLUMNS.len());
    }

    #[test]
    fn names_that_would_break_the_file_are_refused() {
        let carried = Carried {
            network: "a\tb".to_owned(),
            ..Carried::default()
        };
        let refused = line(&carried).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
    }
}
