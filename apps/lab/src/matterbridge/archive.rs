//! What was said in each gateway, in order, and the file that keeps it: a line of JSON for each message, written before anybody hears.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// One message of a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) room: String,
    pub(super) text: String,
    pub(super) name: String,
    pub(super) user: String,
    pub(super) event: String,
    pub(super) avatar: String,
    /// Whether it came by the API, not by the control.
    pub(super) by_client: bool,
}

/// All gateways.
#[derive(Debug, Default)]
pub(super) struct Archive {
    said: Vec<Said>,
    file: Option<File>,
}

impl Archive {
    /// Reads what an earlier run kept; a last line that was cut off is left out.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let mut archive = Self::default();
        let Some(path) = path else {
            return Ok(archive);
        };
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let mut is_whole = true;
        for line in BufReader::new(&file).split(b'\n') {
            let read = serde_json::from_slice(&line?);
            is_whole = read.is_ok();
            archive.said.extend(read);
        }
        if !is_whole {
            file.write_all(b"\n")?;
        }
        archive.file = Some(file);
        Ok(archive)
    }

    pub(super) fn keep(&mut self, said: Said) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_vec(&said)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        self.said.push(said);
        Ok(())
    }

    /// A gateway's messages, the oldest first.
    pub(super) fn room<'a>(&'a self, room: &'a str) -> impl Iterator<Item = &'a Said> {
        self.said.iter().filter(move |said| said.room == room)
    }
}
