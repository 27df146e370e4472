//! What is kept: a case per session or check that somebody may ask about, and counts of everything.

use serde::{Deserialize, Serialize};
use towpath_diagnosis::{Diagnosis, Observation};

/// All that is known under one short code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The short code in lower case, without its dash: `k3m9p2xq`.
    pub code: String,
    /// What it is about.
    pub kind: CaseKind,
    /// When it began, in milliseconds since 1970-01-01 UTC by the gateway's clock. Observations count from here.
    pub started_unix_ms: u64,
    /// When it was last added to, the same way.
    pub updated_unix_ms: u64,
    /// The client's network as a prefix: `192.0.2.0/24`.
    pub network: String,
    /// Tells users apart without naming them: a salted hash of the client's address and browser.
    pub user: String,
    /// Browser and version in a few words: `Chrome 141`, `Firefox 140`, `other`.
    pub browser: String,
    /// The host that the client asked for.
    pub host: String,
    /// The application's path, without its query.
    pub path: String,
    /// The transport in use at the end: `websocket`, `stream`, `sse`, `poll`, `plain`; empty where nothing worked.
    pub transport: String,
    /// Whether the page has reported.
    pub from_page: bool,
    /// What was seen, of both sides, in the order of time.
    pub observations: Vec<Observation>,
    /// What follows from it.
    pub diagnosis: Diagnosis,
}

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// A session of a client of Towpath.
    Session,
    /// A run of the check page.
    Check,
    /// A plain WebSocket that passed through, or tried to.
    Plain,
    /// Many connections of one network together.
    Network,
}

/// Counts of one minute and one transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Attachments that were taken into use.
    pub used: u64,
    /// Of these, the first of their session.
    pub first: u64,
    /// Of these, by sessions that would have preferred a better transport: it failed before.
    pub fallback: u64,
    /// Those that were cut by the path.
    pub cut: u64,
    /// The most that were in use at one time.
    pub open: u64,
}

impl CaseKind {
    /// The word that stands for it wherever it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Check => "check",
            Self::Plain => "plain",
            Self::Network => "network",
        }
    }
}
