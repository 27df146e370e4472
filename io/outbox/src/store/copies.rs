//! Which messages of several rooms are one and the same, so that an edit, a deletion or a reply finds the right ones.

use rusqlite::{OptionalExtension as _, params};
use towpath_chat::Message;

use super::Store;
use super::intake::bounded;
use crate::bounds::QUOTE_CHARS_MAX;
use crate::error::Error;
use crate::item::{Quote, Room};

impl Store {
    /// An id that was another message's copy before is this one's now.
    pub(super) fn add_copy(
        &self,
        original: i64,
        room: i64,
        id: &str,
        place: i64,
    ) -> Result<(), rusqlite::Error> {
        self.database
            .prepare_cached(
                "INSERT INTO copies (room, id, original, place) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (room, id) DO UPDATE SET original = ?3, place = ?4",
            )?
            .execute(params![room, bounded(id), original, place])
            .map(|_| ())
    }

    pub(super) fn add_quote(
        &self,
        original: i64,
        message: &Message,
    ) -> Result<(), rusqlite::Error> {
        let start: String = message.text.chars().take(QUOTE_CHARS_MAX).collect();
        self.database
            .prepare_cached("INSERT INTO quotes (original, author, start) VALUES (?1, ?2, ?3)")?
            .execute(params![original, message.author.name, start])
            .map(|_| ())
    }

    pub(crate) fn quote(&mut self, room: &Room, id: &str) -> Result<Option<Quote>, Error> {
        let Some(room) = self.room_key(room)? else {
            return Ok(None);
        };
        let quote = self
            .database
            .prepare_cached(
                "SELECT author, start FROM quotes WHERE original =
                 (SELECT original FROM copies WHERE room = ?1 AND id = ?2)",
            )?
            .query_row(params![room, bounded(id)], |row| {
                Ok(Quote {
                    author: row.get(0)?,
                    start: row.get(1)?,
                })
            })
            .optional()?;
        Ok(quote)
    }

    pub(crate) fn twins(&mut self, from: &Room, id: &str, to: &Room) -> Result<Vec<String>, Error> {
        let (Some(from), Some(to)) = (self.room_key(from)?, self.room_key(to)?) else {
            return Ok(Vec::new());
        };
        let ids = self
            .database
            .prepare_cached(
                "SELECT id FROM copies WHERE room = ?3 AND original =
                 (SELECT original FROM copies WHERE room = ?1 AND id = ?2) ORDER BY place",
            )?
            .query_map(params![from, bounded(id), to], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(ids)
    }
}
