//! What was said in each room, in order, and the file that keeps it.
//!
//! A message is in the file before anybody hears of it, so that a stand-in that is killed comes back with all that was told.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::journal::Journal;

use super::house::seconds;
use super::person::{Person, uuid};

/// The channel that every room has.
pub(super) const CHANNEL: &str = "general";

/// One message of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) id: String,
    pub(super) room: String,
    pub(super) channel: String,
    pub(super) body: String,
    pub(super) by: Person,
    /// Whether it came by a socket, not by the control.
    pub(super) by_client: bool,
    /// When, in seconds since 1970, as the engine gives it.
    pub(super) time: u64,
    pub(super) reply_to: Option<String>,
    pub(super) edited_at: Option<u64>,
}

impl Said {
    /// Something that the stand-in's owner has a person of this name say.
    pub(super) fn by(name: &str, room: &str, body: &str) -> Self {
        Self {
            id: String::new(),
            room: room.to_owned(),
            channel: CHANNEL.to_owned(),
            body: body.to_owned(),
            by: Person::named(name),
            by_client: false,
            time: seconds(),
            reply_to: None,
            edited_at: None,
        }
    }

    /// As the schema's `Message`.
    pub(super) fn message(&self) -> Value {
        json!({
            "id": self.id,
            "body": self.body,
            "time": self.time,
            "user": self.by.user(),
            "member": self.by.member(&self.room),
            "reactions": [],
            "channelId": self.channel,
            "roomId": self.room,
            "replyToMessageId": self.reply_to,
            "editedAt": self.edited_at,
        })
    }
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Said(Said),
    Edited { id: String, body: String, at: u64 },
    Deleted { id: String },
}

/// All rooms.
#[derive(Debug, Default)]
pub(super) struct Archive {
    rooms: BTreeMap<String, Vec<Said>>,
    next: u64,
    journal: Journal,
}

impl Archive {
    /// Reads what an earlier run kept; a last line that was cut off is left out.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let mut archive = Self::default();
        archive.journal = Journal::open(path, |line| archive.take(line))?;
        Ok(archive)
    }

    /// Keeps a message, which gets its id.
    pub(super) fn say(&mut self, mut said: Said) -> io::Result<Said> {
        said.id = uuid(format!("{} {} {}", said.room, self.next, said.time).as_bytes());
        self.journal.keep(&Line::Said(said.clone()))?;
        self.take(Line::Said(said.clone()));
        Ok(said)
    }

    /// Gives a message a new text. `None` if there is none of this id.
    pub(super) fn edit(&mut self, id: &str, body: &str, at: u64) -> io::Result<Option<Said>> {
        if self.find(id).is_none() {
            return Ok(None);
        }
        let line = Line::Edited {
            id: id.to_owned(),
            body: body.to_owned(),
            at,
        };
        self.journal.keep(&line)?;
        self.take(line);
        Ok(self.find(id).cloned())
    }

    /// Takes a message away. `None` if there is none of this id.
    pub(super) fn delete(&mut self, id: &str) -> io::Result<Option<Said>> {
        let found = self.find(id).cloned();
        if found.is_some() {
            let line = Line::Deleted { id: id.to_owned() };
            self.journal.keep(&line)?;
            self.take(line);
        }
        Ok(found)
    }

    /// A room's messages, the oldest first.
    pub(super) fn room(&self, room: &str) -> &[Said] {
        self.rooms.get(room).map_or(&[], Vec::as_slice)
    }

    fn find(&self, id: &str) -> Option<&Said> {
        self.rooms.values().flatten().find(|said| said.id == id)
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Said(said) => {
                self.next += 1;
                self.rooms.entry(said.room.clone()).or_default().push(said);
            }
            Line::Edited { id, body, at } => {
                for said in self
                    .rooms
                    .values_mut()
                    .flatten()
                    .filter(|said| said.id == id)
                {
                    said.body.clone_from(&body);
                    said.edited_at = Some(at);
                }
            }
            Line::Deleted { id } => {
                for room in self.rooms.values_mut() {
                    room.retain(|said| said.id != id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::io::Write as _;

    #[test]
    fn the_file_brings_back_what_was_said() {
        let path = std::env::temp_dir().join(format!("towpath-archive-{}", std::process::id()));
        let mut archive = Archive::open(Some(&path)).unwrap();
        let ids: Vec<String> = ["one", "two", "three"]
            .map(|body| archive.say(Said::by("Ann", "@x", body)).unwrap().id)
            .into();
        archive.edit(&ids[1], "zwei", 2).unwrap();
        archive.delete(&ids[0]).unwrap();
        // A kill in the middle of a line.
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"said\":{").unwrap();
        let mut again = Archive::open(Some(&path)).unwrap();
        let more = again.say(Said::by("Ann", "@x", "four")).unwrap();
        assert!(!ids.contains(&more.id));
        let last = Archive::open(Some(&path)).unwrap();
        std::fs::remove_file(&path).unwrap();
        let bodies: Vec<&str> = last
            .room("@x")
            .iter()
            .map(|said| said.body.as_str())
            .collect();
        assert_eq!(bodies, ["zwei", "three", "four"]);
    }
}
