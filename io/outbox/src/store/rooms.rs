//! What is remembered of rooms: how far each was read, which ids were taken, who we are; and how it is kept within its bounds.

use rusqlite::{OptionalExtension as _, params};

use super::Store;
use crate::error::Error;
use crate::item::{Mark, Room, Target};

impl Store {
    pub(crate) fn mark(&mut self, room: &Room) -> Result<Option<Mark>, Error> {
        let found = self
            .database
            .prepare_cached("SELECT mark_id, mark_ms FROM rooms WHERE side = ?1 AND room = ?2")?
            .query_row(params![room.side, room.room], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        Ok(found.and_then(|(id, at): (Option<String>, Option<i64>)| {
            at.map(|at_unix_ms| Mark { id, at_unix_ms })
        }))
    }

    pub(crate) fn begin_room(&mut self, room: &Room, at_unix_ms: i64) -> Result<(), Error> {
        let key = self.need_room(room)?;
        self.database
            .prepare_cached(
                "UPDATE rooms SET mark_ms = ?2, begun_ms = ?2 WHERE key = ?1 AND mark_ms IS NULL",
            )?
            .execute([key, at_unix_ms])?;
        Ok(())
    }

    pub(crate) fn own(&mut self, side: &str) -> Result<Vec<String>, Error> {
        let ids = self
            .database
            .prepare_cached("SELECT user_id FROM own WHERE side = ?1 ORDER BY key DESC")?
            .query_map([side], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(ids)
    }

    pub(crate) fn add_own(&mut self, side: &str, user_id: &str) -> Result<(), Error> {
        self.database
            .prepare_cached("INSERT OR REPLACE INTO own (side, user_id) VALUES (?1, ?2)")?
            .execute([side, user_id])?;
        self.database
            .prepare_cached(
                "DELETE FROM own WHERE side = ?1 AND key NOT IN
                 (SELECT key FROM own WHERE side = ?1 ORDER BY key DESC LIMIT ?2)",
            )?
            .execute(params![side, self.bounds.own_max])?;
        Ok(())
    }

    /// The room of a target, which exists from its first copy on.
    pub(super) fn room_of_target(&self, target: i64) -> Result<i64, rusqlite::Error> {
        let room = self
            .database
            .prepare_cached("SELECT side, room FROM targets WHERE key = ?1")?
            .query_row([target], |row| {
                Ok(Room {
                    side: row.get(0)?,
                    room: row.get(1)?,
                })
            })?;
        self.need_room(&room)
    }

    /// Forgets what is beyond the bounds. A room remembers how far its forgetting reaches, so that nothing behind it is taken for new.
    pub(super) fn prune(&self, now_unix_ms: i64) -> Result<(), Error> {
        let rooms: Vec<i64> = self
            .database
            .prepare_cached("SELECT key FROM rooms")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for room in rooms {
            let at_place = |place: u32| {
                self.database
                    .prepare_cached(
                        "SELECT key FROM known WHERE room = ?1 ORDER BY key DESC LIMIT 1 OFFSET ?2",
                    )?
                    .query_row(params![room, place], |row| row.get::<_, i64>(0))
                    .optional()
            };
            let Some(beyond_min) = at_place(self.bounds.known_min)? else {
                continue;
            };
            let beyond_max = at_place(self.bounds.known_max)?.unwrap_or(i64::MIN);
            let old = now_unix_ms - self.bounds.known_age_ms;
            let these = params![room, beyond_min, beyond_max, old];
            self.database
                .prepare_cached(
                    "UPDATE rooms SET forgotten_ms = MAX(COALESCE(forgotten_ms, at_ms), at_ms)
                     FROM (SELECT MAX(at_ms) AS at_ms FROM known
                           WHERE room = ?1 AND key <= ?2 AND (key <= ?3 OR at_ms < ?4))
                     WHERE key = ?1 AND at_ms IS NOT NULL",
                )?
                .execute(these)?;
            self.database
                .prepare_cached(
                    "DELETE FROM known WHERE room = ?1 AND key <= ?2 AND (key <= ?3 OR at_ms < ?4)",
                )?
                .execute(these)?;
        }
        self.database
            .prepare_cached(
                "DELETE FROM copies WHERE original <= (SELECT MAX(original) FROM copies) - ?1",
            )?
            .execute([self.bounds.originals_max])?;
        self.database
            .prepare_cached(
                "DELETE FROM quotes WHERE original <= (SELECT MAX(original) FROM quotes) - ?1",
            )?
            .execute([self.bounds.quotes_max])?;
        Ok(())
    }

    pub(crate) fn retain(&mut self, rooms: &[Room], targets: &[Target]) -> Result<(), Error> {
        let stored: Vec<(i64, Room)> = self
            .database
            .prepare_cached("SELECT key, side, room FROM rooms")?
            .query_map([], |row| {
                let (side, room) = (row.get(1)?, row.get(2)?);
                Ok((row.get(0)?, Room { side, room }))
            })?
            .collect::<Result<_, _>>()?;
        for (key, room) in stored {
            if !rooms.contains(&room) {
                self.database
                    .prepare_cached("DELETE FROM rooms WHERE key = ?1")?
                    .execute([key])?;
            }
        }
        for line in self.counts()? {
            if line.waiting == 0
                && !targets.contains(&line.target)
                && let Some(key) = self.target_key(&line.target)?
            {
                self.database
                    .prepare_cached("DELETE FROM targets WHERE key = ?1")?
                    .execute([key])?;
            }
        }
        Ok(())
    }
}
