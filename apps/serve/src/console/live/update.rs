//! What is new since the last message.

use serde::Serialize;
use towpath_reports::Tally;

use super::super::api::case::Row;
use super::super::api::now::Now;
use crate::gateway::Gateway;
use crate::reports::News;

/// One message to a page.
#[derive(Debug, Serialize)]
pub(super) struct Update {
    now: Now,
    /// Cases that are new or have changed, the newest state of each, without what was observed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cases: Vec<Row>,
    /// Counts, as many as came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tallies: Vec<Counted>,
    /// More happened than is told here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    missed: bool,
    #[serde(skip)]
    due: bool,
}

/// Counts of a minute and a transport.
#[derive(Debug, Serialize)]
struct Counted {
    /// The minute, in seconds since 1970-01-01 UTC.
    minute: u64,
    transport: &'static str,
    #[serde(flatten)]
    tally: Tally,
}

impl Update {
    /// The first message: it tells that the link works.
    pub(super) fn first(gateway: &Gateway) -> Self {
        Self {
            now: Now::of(gateway),
            cases: Vec::new(),
            tallies: Vec::new(),
            missed: false,
            due: true,
        }
    }

    /// Adds what is new.
    pub(super) fn add(&mut self, news: &News) {
        self.due = true;
        match news {
            News::Case(case) => {
                self.cases.retain(|row| !row.is_of(case));
                if self.cases.len() < CASES_MAX {
                    self.cases.push(Row::of(case));
                } else {
                    self.missed = true;
                }
            }
            News::Tally(minute, transport, tally) if self.tallies.len() < TALLIES_MAX => {
                self.tallies.push(Counted {
                    minute: *minute,
                    transport,
                    tally: *tally,
                });
            }
            News::Tally(..) => self.missed = true,
        }
    }

    /// There was more than could be kept.
    pub(super) fn missed(&mut self) {
        self.missed = true;
        self.due = true;
    }

    /// The message, if there is anything to tell; then it starts anew.
    pub(super) fn take(&mut self, gateway: &Gateway) -> Option<String> {
        let now = Now::of(gateway);
        self.due |= now != self.now;
        if !self.due {
            return None;
        }
        self.now = now;
        let text = serde_json::to_string(self).ok();
        self.cases.clear();
        self.tallies.clear();
        (self.missed, self.due) = (false, false);
        text.filter(|text| text.len() <= MESSAGE_BYTES_MAX)
            .or_else(|| Some(MISSED.to_owned()))
    }
}

/// Cases of one message.
const CASES_MAX: usize = 32;

/// Counts of one message.
const TALLIES_MAX: usize = 64;

/// The longest message that is sent in one frame.
const MESSAGE_BYTES_MAX: usize = 65_535;

/// Said in place of what is too long.
const MISSED: &str = "{\"missed\":true}";
