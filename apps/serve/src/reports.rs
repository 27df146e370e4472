//! Reports of pages: taken, joined with what the gateway saw, judged by the one rule engine, and kept.
//!
//! Nothing here waits for the disk: what cannot be kept in time is dropped and counted.

use towpath_reports::{Case, Tally};

/// Keeps cases and counts, and answers questions about them.
#[derive(Debug)]
pub(crate) struct Reports {
    news: tokio::sync::broadcast::Sender<News>,
}

impl Default for Reports {
    fn default() -> Self {
        Self {
            news: tokio::sync::broadcast::Sender::new(64),
        }
    }
}

/// What is new, for those who watch.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// A case was added or changed.
    Case(Box<Case>),
    /// Counts of a minute and a transport, with the minute in seconds since 1970-01-01 UTC.
    Tally(u64, &'static str, Tally),
}

impl Reports {
    /// What is new from now on.
    pub(crate) fn watch(&self) -> tokio::sync::broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Keeps a case, in place of an earlier one of the same code. It never waits.
    pub(crate) fn keep(&self, _case: Case) {}
}
