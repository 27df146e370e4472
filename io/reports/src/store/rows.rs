//! Between rows and what they stand for.

use rusqlite::types::Type;
use rusqlite::{Error, Row};
use towpath_diagnosis::{Fact, Verdict};

use crate::case::{Case, CaseKind};
use crate::error::StoreError;

/// `SQLite` has signed integers only. Times and counts beyond them do not occur; one that does is the highest.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, Error> {
    let number: i64 = row.get(column)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

pub(super) fn kind(row: &Row<'_>, column: usize) -> Result<CaseKind, Error> {
    let word: String = row.get(column)?;
    let kinds = [
        CaseKind::Session,
        CaseKind::Check,
        CaseKind::Plain,
        CaseKind::Network,
    ];
    let kind = kinds.into_iter().find(|kind| kind.as_str() == word);
    kind.ok_or_else(|| unknown(column, &word))
}

pub(super) const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Healthy => "healthy",
        Verdict::Fault => "fault",
        Verdict::CannotTell => "cannot_tell",
    }
}

pub(super) fn verdict(row: &Row<'_>, column: usize) -> Result<Verdict, Error> {
    let word: String = row.get(column)?;
    let verdicts = [Verdict::Healthy, Verdict::Fault, Verdict::CannotTell];
    let mut verdicts = verdicts.into_iter();
    let verdict = verdicts.find(|verdict| verdict_word(*verdict) == word);
    verdict.ok_or_else(|| unknown(column, &word))
}

fn unknown(column: usize, word: &str) -> Error {
    let problem = format!("the word {word:?} is not known here");
    Error::FromSqlConversionFailure(column, Type::Text, problem.into())
}

/// A case of the columns of `case_columns!`.
pub(super) fn case(row: &Row<'_>) -> Result<Case, StoreError> {
    let observations: String = row.get(11)?;
    let diagnosis: String = row.get(12)?;
    Ok(Case {
        code: row.get(0)?,
        kind: kind(row, 1)?,
        started_unix_ms: unsigned(row, 2)?,
        updated_unix_ms: unsigned(row, 3)?,
        network: row.get(4)?,
        user: row.get(5)?,
        browser: row.get(6)?,
        host: row.get(7)?,
        path: row.get(8)?,
        transport: row.get(9)?,
        from_page: row.get(10)?,
        observations: serde_json::from_str(&observations)?,
        diagnosis: serde_json::from_str(&diagnosis)?,
    })
}

/// How many clients a case about a whole network speaks for; others speak for their own user alone.
pub(super) fn clients(case: &Case) -> u32 {
    if case.kind != CaseKind::Network {
        return 0;
    }
    let histories = case.observations.iter().filter_map(|one| match &one.fact {
        Fact::History(history) => Some(history.clients),
        _ => None,
    });
    histories.max().unwrap_or(0)
}
