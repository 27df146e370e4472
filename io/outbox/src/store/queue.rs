//! What waits for one target, and what comes of it.

use rusqlite::{OptionalExtension as _, Row, params};
use towpath_chat::Outgoing;

use super::Store;
use super::intake::{bounded, remember};
use crate::bounds::SWEPT_MAX;
use crate::error::Error;
use crate::item::{Progress, Reason, Room, Target, Waiting};

/// A row of the queue before its texts were read.
struct Head {
    key: i64,
    name: String,
    body: String,
    since_unix_ms: i64,
    pieces: Option<String>,
    done: usize,
    tried_unix_ms: Option<i64>,
    behind: Option<String>,
}

impl Store {
    pub(crate) fn next(&mut self, target: &Target) -> Result<Option<Waiting>, Error> {
        let Some(key) = self.target_key(target)? else {
            return Ok(None);
        };
        while let Some(head) = self.head(key)? {
            let waiting = head.key;
            match read(head) {
                Ok(waiting) => return Ok(Some(waiting)),
                // One that cannot be read would hold up all that follow.
                Err(_) => self.give_up(waiting, Reason::Unreadable)?,
            }
        }
        Ok(None)
    }

    fn head(&self, target: i64) -> Result<Option<Head>, rusqlite::Error> {
        self.database
            .prepare_cached(
                "SELECT deliveries.key, body, pieces, since_ms, done, tried_ms, behind
                 FROM deliveries
                 JOIN messages ON messages.key = deliveries.message
                 JOIN targets ON targets.key = deliveries.target
                 LEFT JOIN rooms ON rooms.side = targets.side AND rooms.room = targets.room
                 WHERE target = ?1 ORDER BY deliveries.key LIMIT 1",
            )?
            .query_row([target], |row| self.head_of(row))
            .optional()
    }

    fn head_of(&self, row: &Row<'_>) -> Result<Head, rusqlite::Error> {
        let key: i64 = row.get("key")?;
        Ok(Head {
            key,
            name: format!("{}-{key}", self.name),
            body: row.get("body")?,
            since_unix_ms: row.get("since_ms")?,
            pieces: row.get("pieces")?,
            done: row.get::<_, u32>("done")? as usize,
            tried_unix_ms: row.get("tried_ms")?,
            behind: row.get("behind")?,
        })
    }

    pub(crate) fn begin_message(
        &mut self,
        key: i64,
        pieces: &[Outgoing],
        now_unix_ms: i64,
    ) -> Result<bool, Error> {
        let text = serde_json::to_string(pieces)?;
        let count = i64::try_from(pieces.len()).unwrap_or(i64::MAX);
        let changed = self
            .database
            .prepare_cached(
                "UPDATE deliveries SET pieces = ?2, pieces_count = ?3, done = 0, tried_ms = ?4,
                 is_under_way = 1 WHERE key = ?1 AND pieces IS NULL",
            )?
            .execute(params![key, text, count, now_unix_ms])?;
        Ok(changed == 1)
    }

    /// The time of the first try stays: from there on the other end may have it. One whose end was never written down is a doubt.
    pub(crate) fn tried(&mut self, key: i64, now_unix_ms: i64) -> Result<bool, Error> {
        self.count_doubt(key)?;
        let changed = self
            .database
            .prepare_cached(
                "UPDATE deliveries SET is_under_way = 1, tried_ms = COALESCE(tried_ms, ?2)
                 WHERE key = ?1",
            )?
            .execute([key, now_unix_ms])?;
        Ok(changed == 1)
    }

    pub(crate) fn postponed(&mut self, key: i64, uncertain: bool) -> Result<(), Error> {
        if uncertain {
            self.count_doubt(key)?;
        }
        self.database
            .prepare_cached(
                "UPDATE deliveries SET is_under_way = 0,
                 tried_ms = CASE WHEN doubts > 0 THEN tried_ms END WHERE key = ?1",
            )?
            .execute([key])?;
        Ok(())
    }

    /// Nobody knows what came of the try under way, if there is one.
    fn count_doubt(&self, key: i64) -> Result<(), rusqlite::Error> {
        let target: Option<i64> = self
            .database
            .prepare_cached(
                "UPDATE deliveries SET is_under_way = 0, doubts = doubts + 1
                 WHERE key = ?1 AND is_under_way RETURNING target",
            )?
            .query_row([key], |row| row.get(0))
            .optional()?;
        if let Some(target) = target {
            self.database
                .prepare_cached("UPDATE targets SET uncertain = uncertain + 1 WHERE key = ?1")?
                .execute([target])?;
        }
        Ok(())
    }

    pub(crate) fn piece_done(
        &mut self,
        key: i64,
        id: Option<&str>,
        now_unix_ms: i64,
    ) -> Result<Progress, Error> {
        let row = self
            .database
            .prepare_cached(
                "UPDATE deliveries SET done = done + 1, tried_ms = NULL, is_under_way = 0, doubts = 0
                 WHERE key = ?1 AND pieces IS NOT NULL
                 RETURNING target, message, done, pieces_count",
            )?
            .query_row([key], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((target, message, done, pieces)) = row else {
            return Ok(Progress::Gone);
        };
        if let Some(id) = id {
            self.note_own(target, message, done, id, now_unix_ms)?;
        }
        let (done, pieces): (i64, i64) = (done, pieces);
        if done < pieces {
            return Ok(Progress::More);
        }
        self.database
            .prepare_cached("UPDATE targets SET delivered = delivered + 1 WHERE key = ?1")?
            .execute([target])?;
        self.finish(key)?;
        Ok(Progress::Finished)
    }

    /// What we said ourselves is a copy of what it tells, is never news, and is where a later search begins.
    fn note_own(
        &self,
        target: i64,
        message: i64,
        place: i64,
        id: &str,
        now_unix_ms: i64,
    ) -> Result<(), Error> {
        let id = bounded(id);
        let room = self.room_of_target(target)?;
        self.add_copy(message, room, &id, place)?;
        remember(&self.database, room, &id, now_unix_ms)?;
        self.database
            .prepare_cached("UPDATE rooms SET behind = ?2 WHERE key = ?1")?
            .execute(params![room, id])?;
        Ok(())
    }

    pub(crate) fn nothing_to_tell(&mut self, key: i64) -> Result<(), Error> {
        self.finish(key)?;
        Ok(())
    }

    pub(crate) fn give_up(&self, key: i64, reason: Reason) -> Result<(), Error> {
        if let Some(target) = self.finish(key)? {
            self.count_given_up(target, reason)?;
        }
        Ok(())
    }

    /// Takes one out of its queue, and the message out of the store with the last that waited for it. Says whose queue it was.
    fn finish(&self, key: i64) -> Result<Option<i64>, Error> {
        let row: Option<(i64, i64)> = self
            .database
            .prepare_cached("DELETE FROM deliveries WHERE key = ?1 RETURNING target, message")?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((target, message)) = row else {
            return Ok(None);
        };
        self.database
            .prepare_cached("UPDATE targets SET waiting = waiting - 1 WHERE key = ?1")?
            .execute([target])?;
        self.database
            .prepare_cached(
                "DELETE FROM messages WHERE key = ?1
                 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message = ?1)",
            )?
            .execute([message])?;
        Ok(Some(target))
    }

    /// What one room said and waits for one target waits for another one from now on, where it stands by its age.
    pub(crate) fn adopt(
        &mut self,
        said_in: &Room,
        from: &Target,
        to: &Target,
    ) -> Result<u64, Error> {
        let (Some(from), to) = (self.target_key(from)?, self.need_target(to)?) else {
            return Ok(0);
        };
        let moved = self
            .database
            .prepare_cached(
                "UPDATE deliveries SET target = ?2 WHERE target = ?1 AND message IN
                 (SELECT key FROM messages WHERE body ->> 'side' = ?3 AND body ->> 'room' = ?4)",
            )?
            .execute(params![from, to, said_in.side, said_in.room])?;
        for (target, change) in [(from, -1), (to, 1)] {
            let change = change * i64::try_from(moved).unwrap_or_default();
            self.database
                .prepare_cached("UPDATE targets SET waiting = waiting + ?2 WHERE key = ?1")?
                .execute([target, change])?;
        }
        Ok(moved as u64)
    }

    pub(crate) fn sweep(
        &mut self,
        target: &Target,
        before_unix_ms: i64,
        begun_too: bool,
    ) -> Result<u64, Error> {
        let Some(target) = self.target_key(target)? else {
            return Ok(0);
        };
        let keys: Vec<i64> = self
            .database
            .prepare_cached(
                "SELECT deliveries.key FROM deliveries JOIN messages ON messages.key = message
                 WHERE target = ?1 AND since_ms < ?2 AND (?3 OR pieces IS NULL)
                 ORDER BY deliveries.key LIMIT ?4",
            )?
            .query_map(
                params![target, before_unix_ms, begun_too, SWEPT_MAX],
                |row| row.get(0),
            )?
            .collect::<Result<_, _>>()?;
        for key in &keys {
            self.give_up(*key, Reason::TooOld)?;
        }
        Ok(keys.len() as u64)
    }
}

fn read(head: Head) -> Result<Waiting, serde_json::Error> {
    Ok(Waiting {
        key: head.key,
        name: head.name,
        message: serde_json::from_str(&head.body)?,
        since_unix_ms: head.since_unix_ms,
        pieces: head
            .pieces
            .map(|pieces| serde_json::from_str(&pieces))
            .transpose()?,
        done: head.done,
        tried_unix_ms: head.tried_unix_ms,
        behind: head.behind,
    })
}
