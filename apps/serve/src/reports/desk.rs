//! What is done on the writer's thread: joining with what is kept already, judging, keeping, counting.
//!
//! Errors of the store are counted and logged, and never reach a session.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::broadcast;
use towpath_diagnosis::Verdict;
use towpath_diagnosis::observation::History;
use towpath_reports::{Case, Store, StoreError, Tally};

use super::News;
use super::join::{join, of_network};
use super::numbers::Numbers;
use super::page_side::PageSide;
use crate::code;
use crate::observe::Seen;

/// The store and what is needed beside it.
#[derive(Debug)]
pub(super) struct Desk {
    store: Store,
    news: broadcast::Sender<News>,
    numbers: Arc<Numbers>,
    /// Counts of the newest minute of each transport, as they were told last.
    minutes: HashMap<&'static str, (u64, Tally)>,
    /// Cases that the gateway alone began in this minute, by network.
    noticed: HashMap<String, u32>,
    /// Whose networks cases are about, for those that name no host.
    host: Option<(String, bool)>,
}

impl Desk {
    pub(super) fn new(store: Store, news: broadcast::Sender<News>, numbers: Arc<Numbers>) -> Self {
        Self {
            store,
            news,
            numbers,
            minutes: HashMap::new(),
            noticed: HashMap::new(),
            host: None,
        }
    }

    pub(super) fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// A job came to nothing by a fault of this program.
    pub(super) fn failed_within(&self) {
        self.numbers.dropped("error", 1);
        tracing::error!("a case could not be judged or kept; please report this as a bug");
    }

    /// Joins a page's report with what the gateway saw, and keeps it.
    pub(super) fn report(&mut self, seen: Seen, page: PageSide, is_proven: bool) -> Case {
        if is_proven {
            self.host = Some((seen.host.clone(), seen.secure));
        }
        let case = join(seen, Some(page));
        self.keep_as(&case, is_proven);
        case
    }

    /// What the gateway alone saw. What the page said before stays.
    pub(super) fn notice(&mut self, seen: Seen) {
        self.host = Some((seen.host.clone(), seen.secure));
        let kept = self.kept(&seen.code);
        let page = kept.as_ref().and_then(PageSide::kept);
        let case = join(seen, page);
        if kept.is_none() {
            if case.diagnosis.verdict != Verdict::Fault {
                return;
            }
            if !self.may_begin(&case.network) {
                self.numbers.dropped("network", 1);
                return;
            }
        }
        self.keep(&case);
    }

    /// Connections of one network together. One case a day and network holds the newest.
    pub(super) fn notice_history(&mut self, history: History, now_unix_ms: u64) {
        let earlier = self
            .store
            .of_network(&history.network, now_unix_ms.saturating_sub(DAY_MS));
        let earlier = self.sound(earlier).flatten();
        let code = earlier.map_or_else(|| code::code().into(), |case| case.code);
        let host = self.host.clone().unwrap_or_default();
        let case = of_network(code, history, &host, now_unix_ms);
        if case.diagnosis.verdict == Verdict::Fault {
            self.keep(&case);
        }
    }

    /// Keeps a case, counts what is new about it, and tells those who watch.
    pub(super) fn keep(&mut self, case: &Case) {
        self.keep_as(case, true);
    }

    fn keep_as(&mut self, case: &Case, is_proven: bool) {
        let kept = self.kept(&case.code);
        let begins = is_proven && self.begins_to_fail(case);
        let put = if is_proven {
            self.store.put(case)
        } else {
            self.store.put_unproven(case)
        };
        let Some(pruned) = self.sound(put) else {
            return;
        };
        self.numbers.pruned(pruned);
        if begins {
            self.numbers.began_failing.inc();
        }
        let known = kept.map_or_else(Vec::new, |kept| kept.diagnosis.findings);
        for finding in &case.diagnosis.findings {
            let is_new = |other: &towpath_diagnosis::Finding| {
                other.cause != finding.cause || other.confidence != finding.confidence
            };
            if known.iter().all(is_new) {
                self.numbers.found(finding);
            }
        }
        if self.news.receiver_count() > 0 {
            // Nobody may watch any more by now.
            self.news.send(News::Case(Box::new(case.clone()))).ok();
        }
    }

    /// Counts of a minute so far: only what was added since they were told last is added to what is kept.
    pub(super) fn tally(&mut self, minute_unix_s: u64, transport: &'static str, tally: Tally) {
        let before = match self.minutes.get(transport) {
            Some((minute, before)) if *minute == minute_unix_s => *before,
            _ => Tally::default(),
        };
        let added = Tally {
            used: tally.used.saturating_sub(before.used),
            first: tally.first.saturating_sub(before.first),
            fallback: tally.fallback.saturating_sub(before.fallback),
            cut: tally.cut.saturating_sub(before.cut),
            open: tally.open,
        };
        self.minutes.insert(transport, (minute_unix_s, tally));
        self.numbers.fallbacks.inc_by(added.fallback);
        let open = self
            .minutes
            .iter()
            .map(|(name, (_, tally))| (*name, tally.open));
        self.numbers.shares(open.collect());
        let put = self.store.tally(minute_unix_s, transport, added);
        if let Some(pruned) = self.sound(put) {
            self.numbers.pruned(pruned);
        }
        if self.news.receiver_count() > 0 {
            self.news
                .send(News::Tally(minute_unix_s, transport, tally))
                .ok();
        }
    }

    /// Once a minute: deletes what is too old or too much, and counts anew.
    pub(super) fn tidy(&mut self) {
        self.noticed.clear();
        let now = now_unix_ms();
        let pruned = self.store.prune(now);
        if let Some(pruned) = self.sound(pruned) {
            self.numbers.pruned(pruned);
        }
        let counted = (|| {
            let since = now.saturating_sub(HOUR_MS);
            let failing = self.store.networks_failing(since, History::ALL)?;
            Ok((self.store.count()?, self.store.bytes()?, failing))
        })();
        if let Some((cases, bytes, failing)) = self.sound(counted) {
            self.numbers.holds(cases, bytes, failing);
        }
    }

    fn kept(&mut self, code: &str) -> Option<Case> {
        let kept = self.store.case(code);
        self.sound(kept).flatten()
    }

    /// Whether nothing was wrong in a case's network for a day, and now is.
    fn begins_to_fail(&self, case: &Case) -> bool {
        let is_one = !case.network.is_empty() && case.network != History::ALL;
        if case.diagnosis.verdict != Verdict::Fault || !is_one {
            return false;
        }
        let since = case.updated_unix_ms.saturating_sub(DAY_MS);
        let failed = self.store.has_fault(&case.network, since);
        self.sound(failed) == Some(false)
    }

    /// Whether one more case may begin for a network in this minute.
    fn may_begin(&mut self, network: &str) -> bool {
        if self.noticed.len() >= NETWORKS_MAX && !self.noticed.contains_key(network) {
            return false;
        }
        let count = self.noticed.entry(network.to_owned()).or_default();
        *count += 1;
        *count <= CASES_PER_NETWORK_MINUTE
    }

    fn sound<T>(&self, outcome: Result<T, StoreError>) -> Option<T> {
        outcome.inspect_err(|error| self.numbers.failed(error)).ok()
    }
}

/// By the system's clock, which is what dates of cases are compared with across restarts.
fn now_unix_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

const HOUR_MS: u64 = 60 * 60 * 1_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Cases that the gateway alone begins for one network in a minute; more of the same say nothing new.
const CASES_PER_NETWORK_MINUTE: u32 = 20;

/// Networks that are counted in one minute.
const NETWORKS_MAX: usize = 4096;
