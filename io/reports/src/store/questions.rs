//! What the operator asks: which cases, ranked by users affected, by network, and transports over time.
//!
//! Every answer has a limit.

use rusqlite::{Row, params};
use serde::Serialize;
use towpath_diagnosis::{Verdict, catalogue};

use super::{Store, rows};
use crate::case::{CaseKind, Tally};
use crate::error::StoreError;

/// Which cases. The default is the latest of all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only what was added to since then, in milliseconds since 1970-01-01 UTC.
    pub since_unix_ms: u64,
    /// Only of this network.
    pub network: Option<String>,
    /// Only with a finding of this cause.
    pub cause: Option<String>,
    /// Only where code, host, path, browser, network or user hold this text.
    pub text: Option<String>,
    /// At most this many, and never more than 500; 0 stands for 500.
    pub limit: u32,
}

/// A case without its facts, for a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseLine {
    /// The short code without its dash.
    pub code: String,
    /// What it is about.
    pub kind: CaseKind,
    /// When it began, in milliseconds since 1970-01-01 UTC.
    pub started_unix_ms: u64,
    /// When it was last added to.
    pub updated_unix_ms: u64,
    /// The client's network.
    pub network: String,
    /// Tells users apart.
    pub user: String,
    /// Browser and version.
    pub browser: String,
    /// The host asked for.
    pub host: String,
    /// The application's path.
    pub path: String,
    /// The transport in use.
    pub transport: String,
    /// Whether the page has reported.
    pub from_page: bool,
    /// What it comes to.
    pub verdict: Verdict,
    /// The causes found, the most probable first.
    pub causes: Vec<String>,
}

/// A cause and whom it affects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ranked {
    /// Id in the catalogue.
    pub cause: String,
    /// Its title.
    pub title: String,
    /// How many users.
    pub users: u64,
    /// How many cases.
    pub cases: u64,
    /// How many networks.
    pub networks: u64,
    /// The last time, in milliseconds since 1970-01-01 UTC.
    pub last_unix_ms: u64,
}

/// A network and how it fares, as far as there are cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NetworkLine {
    /// The prefix.
    pub network: String,
    /// How many users have cases.
    pub users: u64,
    /// How many cases.
    pub cases: u64,
    /// How many of them have a fault.
    pub faults: u64,
    /// How many of them run over another transport than a WebSocket.
    pub fallbacks: u64,
    /// The most frequent causes, at most three.
    pub causes: Vec<CauseCount>,
    /// When the first fault was seen, as far as it is kept, in milliseconds since 1970-01-01 UTC; 0 without one.
    pub first_fault_unix_ms: u64,
    /// The last time that a case was added to.
    pub last_unix_ms: u64,
}

/// How often a cause was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CauseCount {
    /// Id in the catalogue.
    pub cause: String,
    /// How many cases.
    pub cases: u64,
}

/// Counts of one transport in one step of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The begin of the step, in seconds since 1970-01-01 UTC.
    pub at_unix_s: u64,
    /// The transport.
    pub transport: String,
    /// The counts: sums, and the highest `open`.
    #[serde(flatten)]
    pub tally: Tally,
}

impl Store {
    /// Cases, those that were added to last first.
    pub fn cases(&self, filter: &Filter) -> Result<Vec<CaseLine>, StoreError> {
        let mut select = self.database.prepare_cached(
            "SELECT code, kind, started_ms, updated_ms, network, user, browser, host, path, transport, from_page, verdict,
             (SELECT GROUP_CONCAT(cause, ' ') FROM (SELECT cause FROM findings WHERE case_id = id ORDER BY rank))
             FROM cases
             WHERE updated_ms >= ?1 AND (?2 IS NULL OR network = ?2)
             AND (?3 IS NULL OR id IN (SELECT case_id FROM findings WHERE cause = ?3))
             AND (?4 IS NULL OR INSTR(LOWER(code || ' ' || host || path || ' ' || browser || ' ' || network || ' ' || user), ?4) > 0)
             ORDER BY updated_ms DESC, id DESC LIMIT ?5",
        )?;
        let text = filter.text.as_deref().map(str::to_lowercase);
        let limit = match filter.limit {
            0 => LINES_MAX,
            limit => limit.min(LINES_MAX),
        };
        let since = rows::signed(filter.since_unix_ms);
        let found = select.query_map(
            params![since, filter.network, filter.cause, text, limit],
            line,
        )?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Causes since a time, those that affect most users first.
    pub fn findings(&self, since_unix_ms: u64) -> Result<Vec<Ranked>, StoreError> {
        let mut select = self.database.prepare_cached(
            "SELECT cause, MAX(COUNT(DISTINCT NULLIF(user, '')), MAX(clients)) AS users, COUNT(DISTINCT id),
             COUNT(DISTINCT NULLIF(network, '')), MAX(updated_ms)
             FROM findings JOIN cases ON case_id = id WHERE updated_ms >= ?1
             GROUP BY cause ORDER BY users DESC, 3 DESC, cause LIMIT ?2",
        )?;
        let found = select.query_map(params![rows::signed(since_unix_ms), LINES_MAX], |row| {
            let cause: String = row.get(0)?;
            let title =
                catalogue::find(&cause).map_or_else(|| cause.clone(), |known| known.title.clone());
            Ok(Ranked {
                cause,
                title,
                users: rows::unsigned(row, 1)?,
                cases: rows::unsigned(row, 2)?,
                networks: rows::unsigned(row, 3)?,
                last_unix_ms: rows::unsigned(row, 4)?,
            })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// How many users had a fault since a time.
    pub fn users_with_fault(&self, since_unix_ms: u64) -> Result<u64, StoreError> {
        let mut select = self.database.prepare_cached(
            "SELECT COUNT(DISTINCT NULLIF(user, '')) FROM cases WHERE updated_ms >= ?1 AND verdict = 'fault'",
        )?;
        let since = rows::signed(since_unix_ms);
        Ok(select.query_row(params![since], |row| rows::unsigned(row, 0))?)
    }

    /// Whether a network had a fault since a time.
    pub fn has_fault(&self, network: &str, since_unix_ms: u64) -> Result<bool, StoreError> {
        let mut select = self.database.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM cases WHERE network = ?1 AND updated_ms >= ?2 AND verdict = 'fault' AND proven)",
        )?;
        let since = rows::signed(since_unix_ms);
        Ok(select.query_row(params![network, since], |row| row.get(0))?)
    }

    /// Networks since a time, those with most users in trouble first.
    pub fn networks(&self, since_unix_ms: u64) -> Result<Vec<NetworkLine>, StoreError> {
        let since = rows::signed(since_unix_ms);
        let mut select = self.database.prepare_cached(
            "SELECT network, MAX(COUNT(DISTINCT NULLIF(user, '')), MAX(clients)) AS users, COUNT(*),
             SUM(verdict = 'fault') AS faults, SUM(transport IN ('stream', 'sse', 'poll')), MAX(updated_ms),
             (SELECT COALESCE(MIN(other.started_ms), 0) FROM cases AS other
              WHERE other.network = cases.network AND other.verdict = 'fault')
             FROM cases WHERE updated_ms >= ?1 AND network <> ''
             GROUP BY network ORDER BY faults > 0 DESC, users DESC, faults DESC, network LIMIT ?2",
        )?;
        let found = select.query_map(params![since, LINES_MAX], |row| {
            Ok(NetworkLine {
                network: row.get(0)?,
                users: rows::unsigned(row, 1)?,
                cases: rows::unsigned(row, 2)?,
                faults: rows::unsigned(row, 3)?,
                fallbacks: rows::unsigned(row, 4)?,
                causes: Vec::new(),
                first_fault_unix_ms: rows::unsigned(row, 6)?,
                last_unix_ms: rows::unsigned(row, 5)?,
            })
        })?;
        let mut lines: Vec<NetworkLine> = found.collect::<Result<_, _>>()?;
        for line in &mut lines {
            line.causes = self.causes_of(&line.network, since)?;
        }
        Ok(lines)
    }

    /// How many networks have a proven case with a fault; what belongs to all of them together is none.
    pub fn networks_failing(&self, since_unix_ms: u64, all: &str) -> Result<u64, StoreError> {
        let mut select = self.database.prepare_cached(
            "SELECT COUNT(DISTINCT network) FROM cases
             WHERE updated_ms >= ?1 AND network NOT IN ('', ?2) AND verdict = 'fault' AND proven",
        )?;
        let since = rows::signed(since_unix_ms);
        Ok(select.query_row(params![since, all], |row| rows::unsigned(row, 0))?)
    }

    /// Transports over time: sums by step, in the order of time. A step is at least a minute.
    pub fn transports(&self, since_unix_ms: u64, step_s: u64) -> Result<Vec<Point>, StoreError> {
        let step = rows::signed(step_s.max(60));
        let mut select = self.database.prepare_cached(
            "SELECT minute_s / ?2 * ?2 AS step, transport, SUM(used), SUM(first), SUM(fallback), SUM(cut), MAX(open)
             FROM tallies WHERE minute_s >= ?1 / ?2 * ?2 GROUP BY step, transport
             ORDER BY step DESC, transport LIMIT ?3",
        )?;
        let since = rows::signed(since_unix_ms / 1_000);
        let found = select.query_map(params![since, step, POINTS_MAX], |row| {
            Ok(Point {
                at_unix_s: rows::unsigned(row, 0)?,
                transport: row.get(1)?,
                tally: Tally {
                    used: rows::unsigned(row, 2)?,
                    first: rows::unsigned(row, 3)?,
                    fallback: rows::unsigned(row, 4)?,
                    cut: rows::unsigned(row, 5)?,
                    open: rows::unsigned(row, 6)?,
                },
            })
        })?;
        let mut points: Vec<Point> = found.collect::<Result<_, _>>()?;
        points.sort_by(|one, other| {
            (one.at_unix_s, &one.transport).cmp(&(other.at_unix_s, &other.transport))
        });
        Ok(points)
    }

    fn causes_of(&self, network: &str, since: i64) -> Result<Vec<CauseCount>, StoreError> {
        let mut select = self.database.prepare_cached(
            "SELECT cause, COUNT(*) AS often FROM findings JOIN cases ON case_id = id
             WHERE network = ?1 AND updated_ms >= ?2 GROUP BY cause ORDER BY often DESC, cause LIMIT 3",
        )?;
        let found = select.query_map(params![network, since], |row| {
            Ok(CauseCount {
                cause: row.get(0)?,
                cases: rows::unsigned(row, 1)?,
            })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

fn line(row: &Row<'_>) -> Result<CaseLine, rusqlite::Error> {
    let causes: Option<String> = row.get(12)?;
    let causes = causes.unwrap_or_default();
    Ok(CaseLine {
        code: row.get(0)?,
        kind: rows::kind(row, 1)?,
        started_unix_ms: rows::unsigned(row, 2)?,
        updated_unix_ms: rows::unsigned(row, 3)?,
        network: row.get(4)?,
        user: row.get(5)?,
        browser: row.get(6)?,
        host: row.get(7)?,
        path: row.get(8)?,
        transport: row.get(9)?,
        from_page: row.get(10)?,
        verdict: rows::verdict(row, 11)?,
        causes: causes.split_whitespace().map(str::to_owned).collect(),
    })
}

/// Lines of one answer.
const LINES_MAX: u32 = 500;

/// Points of one answer: a month in quarters of an hour, for each transport.
const POINTS_MAX: u32 = 16_384;
