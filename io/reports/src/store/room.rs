//! Bounds by age and size: the oldest go first, and the file shrinks.

use rusqlite::params;

use super::{Store, rows};
use crate::error::StoreError;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How many days.
    pub days: u32,
    /// How many megabytes (of 1,048,576 bytes) at most, without the journal.
    pub megabytes: u32,
}

/// What was deleted to stay within the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use = "what is dropped is counted"]
pub struct Pruned {
    /// Cases that were older than they may be.
    pub by_age: u64,
    /// Cases that had to go before their time.
    pub by_size: u64,
}

impl Store {
    /// Deletes what is older than the bounds allow, and what is too much. `now` is in milliseconds since 1970-01-01 UTC.
    pub fn prune(&mut self, now_unix_ms: u64) -> Result<Pruned, StoreError> {
        let days_ms = u64::from(self.bounds.days) * DAY_MS;
        let oldest = now_unix_ms.saturating_sub(days_ms);
        let by_age = self.database.execute(
            "DELETE FROM cases WHERE updated_ms < ?1",
            [rows::signed(oldest)],
        )? as u64;
        self.database.execute(
            "DELETE FROM tallies WHERE minute_s < ?1",
            [rows::signed(oldest / 1_000)],
        )?;
        self.thin(now_unix_ms)?;
        let mut pruned = Pruned { by_age, by_size: 0 };
        if self.used_pages()? > self.pages_max() {
            pruned.by_size = self.make_room()?.by_size;
        }
        self.give_back()?;
        Ok(pruned)
    }

    /// How many bytes the store takes, without the journal.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        let pages = self.number("page_count")?;
        Ok(pages * self.number("page_size")?)
    }

    /// Takes the bounds into force; a file that is larger already is cut back.
    pub(super) fn take_bounds(&mut self) -> Result<(), StoreError> {
        if self.number("page_count")? > self.pages_max() {
            let _gone_with_a_smaller_setting = self.make_room()?;
            self.give_back()?;
        }
        let most = rows::signed(self.pages_max());
        self.database.pragma_update(None, "max_page_count", most)?;
        Ok(())
    }

    /// Whether it is our own bound that stands in the way, and not a full disk: deleting would not help there.
    pub(super) fn is_at_its_bounds(&self) -> Result<bool, StoreError> {
        Ok(self.number("page_count")? >= self.pages_max() * 3 / 4)
    }

    /// Deletes the oldest until a part of the room is free; first those that anybody could have sent.
    pub(super) fn make_room(&mut self) -> Result<Pruned, StoreError> {
        let goal = self.pages_max() * 7 / 8;
        let mut by_size = 0;
        while self.used_pages()? > goal {
            let count = self.count()?;
            if count == 0 {
                self.halve_tallies()?;
                break;
            }
            let part = rows::signed((count / PARTS).max(1));
            by_size += self.database.execute(
                "DELETE FROM cases WHERE id IN (SELECT id FROM cases ORDER BY proven, updated_ms LIMIT ?1)",
                [part],
            )? as u64;
        }
        Ok(Pruned { by_age: 0, by_size })
    }

    /// Counts of long ago are kept by the quarter of an hour.
    fn thin(&mut self, now_unix_ms: u64) -> Result<(), StoreError> {
        let fine = rows::signed((now_unix_ms / 1_000).saturating_sub(FINE_S) / COARSE_S * COARSE_S);
        let coarse = rows::signed(COARSE_S);
        let transaction = self.database.transaction()?;
        transaction.execute(
            "INSERT INTO tallies SELECT minute_s / ?1 * ?1, transport, SUM(used), SUM(first), SUM(fallback), SUM(cut), MAX(open)
             FROM tallies WHERE minute_s < ?2 AND minute_s % ?1 > 0 GROUP BY 1, 2
             ON CONFLICT (minute_s, transport) DO UPDATE SET
             used = used + excluded.used, first = first + excluded.first,
             fallback = fallback + excluded.fallback, cut = cut + excluded.cut, open = MAX(open, excluded.open)",
            params![coarse, fine],
        )?;
        transaction.execute(
            "DELETE FROM tallies WHERE minute_s < ?2 AND minute_s % ?1 > 0",
            params![coarse, fine],
        )?;
        transaction.commit()?;
        Ok(())
    }

    fn halve_tallies(&mut self) -> Result<(), StoreError> {
        self.database.execute(
            "DELETE FROM tallies WHERE minute_s < (SELECT (MIN(minute_s) + MAX(minute_s)) / 2 FROM tallies)",
            [],
        )?;
        Ok(())
    }

    /// Free pages go back to the file system, and the journal into the file.
    fn give_back(&mut self) -> Result<(), StoreError> {
        let mut vacuum = self.database.prepare("PRAGMA incremental_vacuum")?;
        let mut steps = vacuum.query([])?;
        while steps.next()?.is_some() {}
        drop(steps);
        let mut checkpoint = self.database.prepare("PRAGMA wal_checkpoint(TRUNCATE)")?;
        let mut steps = checkpoint.query([])?;
        while steps.next()?.is_some() {}
        Ok(())
    }

    fn used_pages(&self) -> Result<u64, StoreError> {
        Ok(self.number("page_count")? - self.number("freelist_count")?)
    }

    fn pages_max(&self) -> u64 {
        u64::from(self.bounds.megabytes.max(1)) * MEGABYTE / PAGE_BYTES
    }

    fn number(&self, pragma: &str) -> Result<u64, StoreError> {
        let number = self
            .database
            .pragma_query_value(None, pragma, |row| rows::unsigned(row, 0))?;
        Ok(number)
    }
}

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
const MEGABYTE: u64 = 1024 * 1024;

/// What `SQLite` takes for new files.
const PAGE_BYTES: u64 = 4096;

/// Deleted at a time: this part of all cases.
const PARTS: u64 = 16;

/// How long counts are kept by the minute, in seconds.
const FINE_S: u64 = 2 * 24 * 60 * 60;

/// How finely they are kept then, in seconds.
const COARSE_S: u64 = 15 * 60;
