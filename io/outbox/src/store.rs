//! The one place that speaks SQL: every statement is fixed, every value a parameter.
//!
//! A store belongs to one thread, which holds a transaction around everything it asks for.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::bounds::Bounds;
use crate::error::Error;
use crate::item::{Room, Target};

mod copies;
mod intake;
mod opening;
mod queue;
mod rooms;
mod tally;

/// What waits, and what is remembered.
#[derive(Debug)]
pub(crate) struct Store {
    database: Connection,
    bounds: Bounds,
    /// What tells this file's names from those of any other.
    name: String,
    /// Targets that something was accepted for since the last commit.
    woken: Vec<Target>,
    accepted_since_prune: u32,
}

impl Store {
    pub(crate) fn open(path: &Path, bounds: Bounds) -> Result<Self, Error> {
        let (database, name) = opening::file(path)?;
        Ok(Self {
            database,
            bounds,
            name,
            woken: Vec::new(),
            accepted_since_prune: 0,
        })
    }

    pub(crate) fn begin(&mut self) -> Result<(), rusqlite::Error> {
        self.woken.clear();
        self.execute("BEGIN")
    }

    pub(crate) fn commit(&mut self) -> Result<(), rusqlite::Error> {
        self.execute("COMMIT")
    }

    /// Undoes the whole transaction. A disk that is full may have undone it already.
    pub(crate) fn undo(&mut self) {
        self.woken.clear();
        if !self.database.is_autocommit() {
            let _ = self.execute("ROLLBACK");
        }
    }

    pub(crate) fn set_point(&mut self) -> Result<(), rusqlite::Error> {
        self.execute("SAVEPOINT one")
    }

    pub(crate) fn keep_point(&mut self) -> Result<(), rusqlite::Error> {
        self.execute("RELEASE one")
    }

    pub(crate) fn undo_to_point(&mut self) -> Result<(), rusqlite::Error> {
        self.execute("ROLLBACK TO one")?;
        self.execute("RELEASE one")
    }

    pub(crate) fn take_woken(&mut self) -> Vec<Target> {
        std::mem::take(&mut self.woken)
    }

    fn execute(&self, statement: &'static str) -> Result<(), rusqlite::Error> {
        self.database
            .prepare_cached(statement)?
            .execute([])
            .map(|_| ())
    }

    fn room_key(&self, room: &Room) -> Result<Option<i64>, rusqlite::Error> {
        self.database
            .prepare_cached("SELECT key FROM rooms WHERE side = ?1 AND room = ?2")?
            .query_row(params![room.side, room.room], |row| row.get(0))
            .optional()
    }

    /// The room's key, which it is given if it has none.
    fn need_room(&self, room: &Room) -> Result<i64, rusqlite::Error> {
        if let Some(key) = self.room_key(room)? {
            return Ok(key);
        }
        self.database
            .prepare_cached("INSERT INTO rooms (side, room) VALUES (?1, ?2) RETURNING key")?
            .query_row(params![room.side, room.room], |row| row.get(0))
    }

    fn target_key(&self, target: &Target) -> Result<Option<i64>, rusqlite::Error> {
        self.database
            .prepare_cached("SELECT key FROM targets WHERE link = ?1 AND side = ?2 AND room = ?3")?
            .query_row(params![target.link, target.side, target.room], |row| {
                row.get(0)
            })
            .optional()
    }
}

#[cfg(test)]
impl Store {
    /// What a disk with little room would do.
    pub(crate) fn limit_pages(&self, pages: u32) -> Result<(), Error> {
        // The pragma answers with the limit.
        self.database
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
