//! The one place that speaks SQL: every statement is fixed, every value a parameter.
//!
//! A store belongs to one thread. It must never grow beyond its [`Bounds`].

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};

use crate::case::{Case, Tally};
use crate::error::StoreError;

mod opening;
mod questions;
mod room;
mod rows;

pub use questions::{CaseLine, CauseCount, Filter, NetworkLine, Point, Ranked};
pub use room::{Bounds, Pruned};

/// The columns that make a [`Case`].
macro_rules! case_columns {
    () => {
        "code, kind, started_ms, updated_ms, network, user, browser, host, path, transport, from_page, observations, diagnosis"
    };
}

/// Cases, their findings, and counts.
#[derive(Debug)]
pub struct Store {
    database: Connection,
    bounds: Bounds,
}

impl Store {
    /// A store that is gone with the process.
    pub fn memory(bounds: Bounds) -> Result<Self, StoreError> {
        opening::memory(bounds)
    }

    /// The store in a file, made for its owner alone if it is not there.
    pub fn open(path: &Path, bounds: Bounds) -> Result<Self, StoreError> {
        opening::file(path, bounds)
    }

    /// Keeps a case, in place of an earlier one of the same code. Says what had to go for it.
    pub fn put(&mut self, case: &Case) -> Result<Pruned, StoreError> {
        self.put_as(case, true)
    }

    /// The same for a case that anybody could have sent. Where room is needed it goes before all others.
    pub fn put_unproven(&mut self, case: &Case) -> Result<Pruned, StoreError> {
        self.put_as(case, false)
    }

    fn put_as(&mut self, case: &Case, proven: bool) -> Result<Pruned, StoreError> {
        let observations = serde_json::to_string(&case.observations)?;
        let diagnosis = serde_json::to_string(&case.diagnosis)?;
        let bytes = observations.len() + diagnosis.len();
        if bytes > CASE_BYTES_MAX {
            let most = CASE_BYTES_MAX;
            return Err(StoreError::TooLarge { bytes, most });
        }
        self.with_room(|database| write(database, case, proven, [&observations, &diagnosis]))
    }

    /// Adds counts to a minute's, which is in seconds since 1970-01-01 UTC. `open` is the highest that was told.
    pub fn tally(
        &mut self,
        minute_unix_s: u64,
        transport: &str,
        tally: Tally,
    ) -> Result<Pruned, StoreError> {
        self.with_room(|database| {
            let mut insert = database.prepare_cached(
                "INSERT INTO tallies (minute_s, transport, used, first, fallback, cut, open)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (minute_s, transport) DO UPDATE SET
                 used = used + excluded.used, first = first + excluded.first,
                 fallback = fallback + excluded.fallback, cut = cut + excluded.cut,
                 open = MAX(open, excluded.open)",
            )?;
            insert.execute(params![
                rows::signed(minute_unix_s / 60 * 60),
                transport,
                rows::signed(tally.used),
                rows::signed(tally.first),
                rows::signed(tally.fallback),
                rows::signed(tally.cut),
                rows::signed(tally.open),
            ])?;
            Ok(())
        })
    }

    /// The case under a short code, which is in lower case and without its dash.
    pub fn case(&self, code: &str) -> Result<Option<Case>, StoreError> {
        let mut select = self.database.prepare_cached(concat!(
            "SELECT ",
            case_columns!(),
            " FROM cases WHERE code = ?1"
        ))?;
        let row = select.query_row([code], |row| Ok(rows::case(row)));
        row.optional()?.transpose()
    }

    /// The newest case about a network as a whole that was added to since a time.
    pub fn of_network(
        &self,
        network: &str,
        since_unix_ms: u64,
    ) -> Result<Option<Case>, StoreError> {
        let mut select = self.database.prepare_cached(concat!(
            "SELECT ",
            case_columns!(),
            " FROM cases WHERE network = ?1 AND kind = 'network' AND updated_ms >= ?2
             ORDER BY updated_ms DESC LIMIT 1"
        ))?;
        let since = rows::signed(since_unix_ms);
        let row = select.query_row(params![network, since], |row| Ok(rows::case(row)));
        row.optional()?.transpose()
    }

    /// Cases in the order in which they came, from behind a place on; the place behind the last one is handed back.
    /// Begin at 0. This is how everything is written out without holding up those who write.
    pub fn after(&self, place: i64, count: u32) -> Result<(i64, Vec<Case>), StoreError> {
        let mut select = self.database.prepare_cached(concat!(
            "SELECT ",
            case_columns!(),
            ", id FROM cases WHERE id > ?1 ORDER BY id LIMIT ?2"
        ))?;
        let mut found = select.query(params![place, count])?;
        let (mut place, mut cases) = (place, Vec::new());
        while let Some(row) = found.next()? {
            place = row.get("id")?;
            cases.push(rows::case(row)?);
        }
        Ok((place, cases))
    }

    /// How many cases there are.
    pub fn count(&self) -> Result<u64, StoreError> {
        let mut count = self.database.prepare_cached("SELECT COUNT(*) FROM cases")?;
        Ok(count.query_row([], |row| rows::unsigned(row, 0))?)
    }

    /// Writes; where the bounds stand in the way, the oldest make room first.
    fn with_room(
        &mut self,
        write: impl Fn(&Connection) -> Result<(), rusqlite::Error>,
    ) -> Result<Pruned, StoreError> {
        let is_full =
            |error: &rusqlite::Error| error.sqlite_error_code() == Some(ErrorCode::DiskFull);
        match self.whole(&write) {
            Err(error) if is_full(&error) && self.is_at_its_bounds()? => {
                let pruned = self.make_room()?;
                self.whole(&write)?;
                Ok(pruned)
            }
            Err(error) => Err(error.into()),
            Ok(()) => Ok(Pruned::default()),
        }
    }

    /// Everything or nothing.
    fn whole(
        &mut self,
        write: impl Fn(&Connection) -> Result<(), rusqlite::Error>,
    ) -> Result<(), rusqlite::Error> {
        let transaction = self.database.transaction()?;
        write(&transaction)?;
        transaction.commit()
    }
}

fn write(
    database: &Connection,
    case: &Case,
    proven: bool,
    [observations, diagnosis]: [&str; 2],
) -> Result<(), rusqlite::Error> {
    let mut insert = database.prepare_cached(
        "INSERT INTO cases (code, kind, started_ms, updated_ms, network, user, clients, browser, host, path,
         transport, from_page, verdict, proven, observations, diagnosis)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, started_ms = excluded.started_ms,
         updated_ms = excluded.updated_ms, network = excluded.network, user = excluded.user,
         clients = excluded.clients, browser = excluded.browser, host = excluded.host, path = excluded.path,
         transport = excluded.transport, from_page = excluded.from_page, verdict = excluded.verdict,
         proven = MAX(proven, excluded.proven),
         observations = excluded.observations, diagnosis = excluded.diagnosis
         RETURNING id",
    )?;
    let id: i64 = insert.query_row(
        params![
            case.code,
            case.kind.as_str(),
            rows::signed(case.started_unix_ms),
            rows::signed(case.updated_unix_ms),
            case.network,
            case.user,
            rows::clients(case),
            case.browser,
            case.host,
            case.path,
            case.transport,
            case.from_page,
            rows::verdict_word(case.diagnosis.verdict),
            proven,
            observations,
            diagnosis,
        ],
        |row| row.get(0),
    )?;
    let mut forget = database.prepare_cached("DELETE FROM findings WHERE case_id = ?1")?;
    forget.execute([id])?;
    let mut note = database.prepare_cached(
        "INSERT INTO findings (case_id, rank, cause, confidence) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (rank, finding) in (0_i64..).zip(&case.diagnosis.findings) {
        note.execute(params![
            id,
            rank,
            finding.cause,
            finding.confidence.to_string()
        ])?;
    }
    Ok(())
}

/// Facts and findings of one case, as JSON. A page's report is at most 32 KiB, a history of 256 ends about 100 KiB.
const CASE_BYTES_MAX: usize = 256 * 1024;

#[cfg(test)]
mod tests;
