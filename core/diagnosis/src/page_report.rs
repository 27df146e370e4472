//! A page's own report (docs/reports.md, section 2): read within strict bounds, and turned into facts.
//!
//! Anybody can send one, so nothing in it is believed beyond its form: counts, lengths and numbers are bounded, texts lose
//! control characters and queries, and whose report it is must be proved to somebody else. Nothing here echoes what it
//! refuses.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::observation::{Attempt, Fact, Page, PageTest, PageTestOutcome};

mod text;

use text::plain;

/// A report in bounds. Its `Debug` shows no proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageReport {
    /// What proves whose it is; nothing where the page has no proof.
    pub proof: Option<PageProof>,
    /// The attempt id of the page's connection, unchecked but for its length.
    pub attempt: Option<String>,
    /// When it was sent, in milliseconds by the page's clock since it began to connect.
    pub now_ms: u64,
    /// The page and its browser.
    pub page: Option<Page>,
    /// The page's attempts, each with its begin by the page's clock.
    pub attempts: Vec<(u64, Attempt)>,
    /// The tests that were made, each with its begin by the page's clock.
    pub tests: Vec<(u64, PageTest)>,
    /// How the page's connection ended, if it did.
    pub ended: Option<PageEnd>,
}

/// What proves whose report it is. It is to be checked once and then forgotten.
#[derive(Clone, PartialEq, Eq)]
pub enum PageProof {
    /// The newest token of a session.
    Token(String),
    /// The nonce that opens a session.
    Fresh(String),
    /// The key of a run of the check page.
    Check(String),
}

impl std::fmt::Debug for PageProof {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Token(_) => "Token(..)",
            Self::Fresh(_) => "Fresh(..)",
            Self::Check(_) => "Check(..)",
        })
    }
}

/// How the page's connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageEnd {
    /// The name of the outcome, where it ended by one.
    pub outcome: Option<String>,
    /// The close code that the application was given.
    pub code: Option<u16>,
}

/// Why a report is not taken. The text names a member and never quotes the report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageReportError {
    /// Longer than any report.
    #[error("the report is longer than {REPORT_BYTES_MAX} bytes")]
    TooLong,
    /// No JSON object, or one that is nested too deeply.
    #[error("the report is no JSON object")]
    NoObject,
    /// Another version than 1.
    #[error("version: only version 1 is known")]
    Version,
    /// A member is missing, or has another type or range than docs/reports.md says.
    #[error("{0}: missing, or not of the type and range that is expected")]
    Member(String),
    /// More of something than is taken.
    #[error("{member}: more than {most}")]
    TooMany {
        /// The member.
        member: &'static str,
        /// How many are taken.
        most: usize,
    },
}

impl PageReport {
    /// Reads a report's body.
    pub fn parse(body: &[u8]) -> Result<Self, PageReportError> {
        if body.len() > REPORT_BYTES_MAX {
            return Err(PageReportError::TooLong);
        }
        let Ok(Value::Object(mut all)) = serde_json::from_slice(body) else {
            return Err(PageReportError::NoObject);
        };
        if all.get("version").and_then(Value::as_u64) != Some(1) {
            return Err(PageReportError::Version);
        }
        let now_ms = time(all.get("now")).ok_or_else(|| wrong("now"))?;
        let page: Option<Page> = match taken(&mut all, "page") {
            Some(page) => Some(read("page", page)?),
            None => None,
        };
        Ok(Self {
            proof: proof(taken(&mut all, "session"))?,
            attempt: short(taken(&mut all, "attempt"), "attempt")?,
            now_ms,
            page: page.map(clean_page),
            attempts: list(&mut all, "attempts", ATTEMPTS_MAX, clean_attempt)?,
            tests: list(&mut all, "tests", TESTS_MAX, clean_test)?,
            ended: ended(taken(&mut all, "ended"))?,
        })
    }

    /// Its facts, each with its time by the page's clock.
    pub fn facts(self) -> Vec<(u64, Fact)> {
        let now = self.now_ms;
        let page = self.page.map(|page| (now, Fact::Page(page)));
        let attempts = self.attempts.into_iter();
        let attempts = attempts.map(|(at, attempt)| (at.min(now), Fact::Attempt(attempt)));
        let tests = self.tests.into_iter();
        let tests = tests.map(|(at, test)| (at.min(now), Fact::PageTest(test)));
        page.into_iter().chain(attempts).chain(tests).collect()
    }
}

/// A member that is there and not `null`.
fn taken(all: &mut Map<String, Value>, member: &str) -> Option<Value> {
    all.remove(member).filter(|value| !value.is_null())
}

fn wrong(member: &str) -> PageReportError {
    PageReportError::Member(member.to_owned())
}

fn read<T: DeserializeOwned>(member: &str, value: Value) -> Result<T, PageReportError> {
    if !is_in_range(&value) {
        return Err(wrong(member));
    }
    serde_json::from_value(value).map_err(|_| wrong(member))
}

/// Whether every number is a whole one that JavaScript can count to (2^53).
fn is_in_range(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_u64().is_some_and(|number| number < NUMBER_LIMIT),
        Value::Array(items) => items.iter().all(is_in_range),
        Value::Object(members) => members.values().all(is_in_range),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

fn time(value: Option<&Value>) -> Option<u64> {
    value?.as_u64().filter(|time| *time < NUMBER_LIMIT)
}

fn short(value: Option<Value>, member: &str) -> Result<Option<String>, PageReportError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= PROOF_BYTES_MAX => Ok(Some(text)),
        Some(_) => Err(wrong(member)),
    }
}

fn proof(session: Option<Value>) -> Result<Option<PageProof>, PageReportError> {
    let Some(session) = session else {
        return Ok(None);
    };
    let Value::Object(mut session) = session else {
        return Err(wrong("session"));
    };
    let mut of = |member| short(taken(&mut session, member), "session");
    match (of("token")?, of("fresh")?, of("check")?) {
        (Some(token), None, None) => Ok(Some(PageProof::Token(token))),
        (None, Some(nonce), None) => Ok(Some(PageProof::Fresh(nonce))),
        (None, None, Some(key)) => Ok(Some(PageProof::Check(key))),
        (None, None, None) => Ok(None),
        _ => Err(wrong("session")),
    }
}

fn ended(value: Option<Value>) -> Result<Option<PageEnd>, PageReportError> {
    let Some(value) = value else {
        return Ok(None);
    };
    let Value::Object(mut members) = value else {
        return Err(wrong("ended"));
    };
    let outcome = match taken(&mut members, "outcome") {
        None => None,
        Some(Value::String(name)) => Some(plain(&name)),
        Some(_) => return Err(wrong("ended.outcome")),
    };
    let code = match taken(&mut members, "code") {
        None => None,
        Some(code) => Some(read("ended.code", code)?),
    };
    Ok(Some(PageEnd { outcome, code }))
}

/// A list whose items have a begin beside what they are.
fn list<T: DeserializeOwned>(
    all: &mut Map<String, Value>,
    member: &'static str,
    most: usize,
    clean: fn(T) -> T,
) -> Result<Vec<(u64, T)>, PageReportError> {
    let items = match taken(all, member) {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(wrong(member)),
    };
    if items.len() > most {
        return Err(PageReportError::TooMany { member, most });
    }
    let mut read_items = Vec::with_capacity(items.len());
    for (number, item) in items.into_iter().enumerate() {
        let at = time(item.get("at")).ok_or_else(|| wrong(&format!("{member}[{number}].at")))?;
        let item = read(&format!("{member}[{number}]"), item)?;
        read_items.push((at, clean(item)));
    }
    Ok(read_items)
}

fn clean_page(mut page: Page) -> Page {
    page.user_agent = plain(&page.user_agent);
    page.origin = plain(&page.origin);
    page.csp_directive = page.csp_directive.as_deref().map(plain);
    page.http_version = page.http_version.as_deref().map(plain);
    page
}

/// An attempt holds no text of the page's.
fn clean_attempt(attempt: Attempt) -> Attempt {
    attempt
}

fn clean_test(test: PageTest) -> PageTest {
    let outcome = match test.outcome {
        PageTestOutcome::Different { detail } => PageTestOutcome::Different {
            detail: plain(&detail),
        },
        PageTestOutcome::NotRun { reason } => PageTestOutcome::NotRun {
            reason: plain(&reason),
        },
        other @ (PageTestOutcome::Passed
        | PageTestOutcome::NotOpened { .. }
        | PageTestOutcome::Cut { .. }
        | PageTestOutcome::Silent { .. }
        | PageTestOutcome::HeldBack { .. }) => other,
    };
    PageTest { outcome, ..test }
}

/// The longest report, in bytes.
pub const REPORT_BYTES_MAX: usize = 32_768;

/// Attempts of one report.
pub const ATTEMPTS_MAX: usize = 64;

/// Tests of one report.
pub const TESTS_MAX: usize = 64;

/// A token, nonce, key or attempt id is shorter.
const PROOF_BYTES_MAX: usize = 64;

/// Numbers stay below it, as in the protocol.
const NUMBER_LIMIT: u64 = 1 << 53;

#[cfg(test)]
mod tests;
