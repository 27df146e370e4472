//! What was said in each gateway, in order, and the file that keeps it: a line of JSON for each message, written before anybody hears.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::journal::Journal;

/// One message of a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    /// As the API has it.
    pub(super) object: Value,
    /// Whether it came by the API, not by the control.
    pub(super) by_client: bool,
}

impl Said {
    /// A field that is a text; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.object[name].as_str().unwrap_or_default()
    }
}

/// All gateways.
#[derive(Debug, Default)]
pub(super) struct Archive {
    said: Vec<Said>,
    journal: Journal,
}

impl Archive {
    /// Reads what an earlier run kept; a last line that was cut off is left out.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let mut archive = Self::default();
        archive.journal = Journal::open(path, |said| archive.said.push(said))?;
        Ok(archive)
    }

    pub(super) fn keep(&mut self, said: Said) -> io::Result<()> {
        self.journal.keep(&said)?;
        self.said.push(said);
        Ok(())
    }

    /// A gateway's messages, the oldest first.
    pub(super) fn room<'a>(&'a self, room: &'a str) -> impl Iterator<Item = &'a Said> {
        let all = self.said.iter();
        all.filter(move |said| said.text("gateway") == room)
    }

    /// What the API handed out, the oldest first.
    pub(super) fn handed_out(&self) -> impl Iterator<Item = &Value> {
        let all = self.said.iter().filter(|said| !said.by_client);
        all.map(|said| &said.object)
    }
}
