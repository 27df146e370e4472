//! What comes in: known or new, the room's mark, and a place in the queue of everybody who is to be told.

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};
use towpath_chat::{Kind, Message};

use super::Store;
use crate::bounds::{ACCEPTED_BETWEEN_PRUNES, AHEAD_MAX_MS, ID_BYTES_MAX};
use crate::error::Error;
use crate::item::{Accepted, Arrival, Reason, Recipient, Room, Target};

impl Store {
    pub(crate) fn accept(
        &mut self,
        message: &Message,
        recipients: &[Recipient],
        arrival: Arrival,
    ) -> Result<Accepted, Error> {
        let room = self.need_room(&Room {
            side: message.side.clone(),
            room: message.room.clone(),
        })?;
        let at = message.at_unix_ms.min(arrival.now_unix_ms + AHEAD_MAX_MS);
        let identity = identity(message);
        if arrival.replayed {
            if is_forgotten(&self.database, room, at)? {
                return Ok(Accepted::Known);
            }
        } else {
            begin_no_later(&self.database, room, at)?;
        }
        if let Some(identity) = &identity
            && !remember(&self.database, room, identity, at)?
        {
            return Ok(Accepted::Known);
        }
        if is_said(&message.kind) {
            move_mark(&self.database, room, message.id.as_deref(), at)?;
        }
        if !recipients.is_empty() {
            let now = arrival.now_unix_ms;
            let since = if arrival.replayed { at.min(now) } else { now };
            self.keep(room, message, recipients, since)?;
        }
        self.accepted_since_prune += 1;
        if self.accepted_since_prune >= ACCEPTED_BETWEEN_PRUNES {
            self.accepted_since_prune = 0;
            self.prune(arrival.now_unix_ms)?;
        }
        Ok(Accepted::New)
    }

    fn keep(
        &mut self,
        room: i64,
        message: &Message,
        recipients: &[Recipient],
        since_unix_ms: i64,
    ) -> Result<(), Error> {
        let body = serde_json::to_string(message)?;
        let key: i64 = self
            .database
            .prepare_cached("INSERT INTO messages (body, since_ms) VALUES (?1, ?2) RETURNING key")?
            .query_row(params![body, since_unix_ms], |row| row.get(0))?;
        if let Some(id) = message.id.as_deref()
            && is_said(&message.kind)
        {
            self.add_copy(key, room, id, 0)?;
            self.add_quote(key, message)?;
        }
        for recipient in recipients {
            let target = self.need_target(&recipient.target)?;
            self.make_room(target, recipient.queue_max)?;
            self.database
                .prepare_cached("INSERT INTO deliveries (target, message) VALUES (?1, ?2)")?
                .execute([target, key])?;
            self.database
                .prepare_cached("UPDATE targets SET waiting = waiting + 1 WHERE key = ?1")?
                .execute([target])?;
            self.woken.push(recipient.target.clone());
        }
        Ok(())
    }

    /// The target's key, which it is given if it has none.
    pub(super) fn need_target(&self, target: &Target) -> Result<i64, rusqlite::Error> {
        if let Some(key) = self.target_key(target)? {
            return Ok(key);
        }
        self.database
            .prepare_cached(
                "INSERT INTO targets (link, side, room) VALUES (?1, ?2, ?3) RETURNING key",
            )?
            .query_row(params![target.link, target.side, target.room], |row| {
                row.get(0)
            })
    }

    /// What was begun stays: half of it was said.
    fn make_room(&self, target: i64, queue_max: u32) -> Result<(), Error> {
        loop {
            let waiting: u32 = self
                .database
                .prepare_cached("SELECT waiting FROM targets WHERE key = ?1")?
                .query_row([target], |row| row.get(0))?;
            if waiting < queue_max.max(1) {
                return Ok(());
            }
            let oldest: Option<i64> = self
                .database
                .prepare_cached(
                    "SELECT key FROM deliveries WHERE target = ?1 AND pieces IS NULL
                     ORDER BY key LIMIT 1",
                )?
                .query_row([target], |row| row.get(0))
                .optional()?;
            let Some(oldest) = oldest else { return Ok(()) };
            self.give_up(oldest, Reason::QueueFull)?;
        }
    }
}

/// Whether it is a thing that a history holds by its id.
fn is_said(kind: &Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Action | Kind::Notice)
}

/// What tells a message from all others of its room; what happened to another message is told apart from that one.
fn identity(message: &Message) -> Option<String> {
    let id = message.id.as_deref()?;
    let identity = match &message.kind {
        Kind::Text | Kind::Action | Kind::Notice => id.to_owned(),
        // Such an id names the earlier message. It may be edited again.
        Kind::Edit { of } if of == id => return None,
        Kind::Edit { .. } => format!("edit {id}"),
        Kind::Delete { .. } => format!("delete {id}"),
        Kind::Join => format!("join {id}"),
        Kind::Leave => format!("leave {id}"),
        Kind::Topic => format!("topic {id}"),
    };
    Some(bounded(&identity))
}

/// An id of bounded length that is as good as the whole one.
pub(super) fn bounded(id: &str) -> String {
    if id.len() <= ID_BYTES_MAX {
        return id.to_owned();
    }
    let hash = Sha256::digest(id.as_bytes());
    hash.iter()
        .fold("sha256 ".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Says whether the id was new.
pub(super) fn remember(
    database: &Connection,
    room: i64,
    identity: &str,
    at_unix_ms: i64,
) -> Result<bool, rusqlite::Error> {
    let added = database
        .prepare_cached(
            "INSERT INTO known (room, id, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![room, identity, at_unix_ms])?;
    Ok(added == 1)
}

/// Whether a message of that time cannot be told from one that was there before: it is from before the room's first start, or ids of
/// that time are no longer remembered.
fn is_forgotten(
    database: &Connection,
    room: i64,
    at_unix_ms: i64,
) -> Result<bool, rusqlite::Error> {
    database
        .prepare_cached(
            "SELECT COALESCE(forgotten_ms >= ?2, FALSE) OR COALESCE(begun_ms / 1000 > ?2 / 1000, FALSE)
             FROM rooms WHERE key = ?1",
        )?
        .query_row([room, at_unix_ms], |row| row.get(0))
}

/// What is told as it happens was said after the first start, so the other end's clock is behind ours if it says otherwise: a
/// little, or it is no clock.
fn begin_no_later(
    database: &Connection,
    room: i64,
    at_unix_ms: i64,
) -> Result<(), rusqlite::Error> {
    database
        .prepare_cached(
            "UPDATE rooms SET begun_ms = ?2 WHERE key = ?1 AND begun_ms BETWEEN ?2 + 1 AND ?2 + ?3",
        )?
        .execute([room, at_unix_ms, AHEAD_MAX_MS])
        .map(|_| ())
}

/// A mark without an id is only a guess of the other end's clock; the first message replaces it.
fn move_mark(
    database: &Connection,
    room: i64,
    id: Option<&str>,
    at_unix_ms: i64,
) -> Result<(), rusqlite::Error> {
    database
        .prepare_cached(
            "UPDATE rooms SET mark_id = ?2, mark_ms = ?3
             WHERE key = ?1 AND (mark_ms IS NULL OR mark_id IS NULL OR mark_ms <= ?3)",
        )?
        .execute(params![room, id, at_unix_ms])
        .map(|_| ())
}
