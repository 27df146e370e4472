//! Runs of the check page: each has a short code, an attempt id for its requests, and a key that proves its report.
//!
//! A run must never outlive its time or make more requests than its share.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter as Count;
use prometheus_client::metrics::family::Family;
use tokio::time::Instant;
use towpath_diagnosis::observation::Transport;

use super::limits::{
    OPEN_MAX, OPEN_PER_ADDRESS_MAX, OPEN_PER_RUN_MAX, ProbeLimit, REQUESTS_PER_RUN_MAX,
    RETRY_SECONDS, RUN_LIVES, RUNS_MAX,
};
use crate::admit::count::{Counter, Permit};
use crate::admit::rate::Rate;
use crate::code;
use crate::metrics::Metrics;

/// All runs of this gateway.
#[derive(Debug)]
pub(crate) struct Runs {
    rate: Rate,
    begun: Count,
    refused: Family<LimitLabel, Count>,
    open: Arc<Counter<ProbeLimit>>,
    inner: Mutex<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabel {
    limit: &'static str,
}

#[derive(Debug, Default)]
struct Inner {
    by_attempt: HashMap<Box<str>, Arc<Run>>,
    by_key: HashMap<Key, Arc<Run>>,
    /// Oldest first.
    order: VecDeque<Arc<Run>>,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    code: Box<str>,
    attempt: Box<str>,
    key: Key,
    until: Instant,
    requests: AtomicU32,
    open: AtomicU32,
    /// The transports of which an arrival was told, as bits.
    told: AtomicU8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key([u8; 16]);

/// Keys are proofs and stand in no log.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A request of a run that is under way.
#[derive(Debug)]
pub(super) struct Place {
    run: Arc<Run>,
    _open: Permit<ProbeLimit>,
}

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// Nobody began this run, or it is over.
    NoRun,
    /// A limit is reached.
    Limit(ProbeLimit),
}

impl Runs {
    /// No runs yet; an address may begin so many a minute.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            rate: Rate::new(per_minute),
            begun: Count::default(),
            refused: Family::default(),
            open: Counter::new(
                OPEN_MAX,
                OPEN_PER_ADDRESS_MAX,
                [ProbeLimit::Open, ProbeLimit::OpenPerAddress],
            ),
            inner: Mutex::default(),
        }
    }

    /// Shows the check page's numbers beside the front's.
    pub(crate) fn register(&self, metrics: &Metrics) {
        metrics.register(
            "check_runs",
            "Runs of the check page begun",
            self.begun.clone(),
        );
        metrics.register(
            "check_refused",
            "Requests of the check page refused by limit",
            self.refused.clone(),
        );
    }

    /// A limit was reached.
    pub(super) fn refused(&self, limit: ProbeLimit) {
        let limit = limit.name();
        self.refused.get_or_create(&LimitLabel { limit }).inc();
    }

    /// A new run, or the limit that is reached and the seconds to wait.
    pub(crate) fn begin(&self, address: IpAddr) -> Result<Arc<Run>, (ProbeLimit, u64)> {
        let rated = self.rate.take(address);
        rated.map_err(|seconds| (ProbeLimit::RunsPerMinute, seconds))?;
        let now = Instant::now();
        let mut key = Key([0; 16]);
        getrandom::fill(&mut key.0).expect("the system has random bytes");
        let run = Arc::new(Run {
            code: code::code(),
            attempt: code::letters(ATTEMPT_LETTERS),
            key,
            until: now + RUN_LIVES,
            requests: AtomicU32::new(0),
            open: AtomicU32::new(0),
            told: AtomicU8::new(0),
        });
        let mut inner = self.inner();
        inner.forget(now);
        if inner.order.len() >= RUNS_MAX {
            return Err((ProbeLimit::Runs, RETRY_SECONDS));
        }
        inner
            .by_attempt
            .insert(run.attempt.clone(), Arc::clone(&run));
        inner.by_key.insert(run.key, Arc::clone(&run));
        inner.order.push_back(Arc::clone(&run));
        self.begun.inc();
        Ok(run)
    }

    /// The run whose page knows this key, as [`Run::key`] wrote it.
    pub(crate) fn by_key(&self, key: &str) -> Option<Arc<Run>> {
        if key.len() != KEY_LETTERS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(key).ok()?.try_into().ok()?;
        let found = self.inner().by_key.get(&Key(bytes)).cloned();
        found.filter(|run| run.until > Instant::now())
    }

    /// Takes a request of a run. The address is one of [`crate::client::Client::counted_address`].
    pub(super) fn enter(&self, attempt: &str, address: IpAddr) -> Result<Place, NotTaken> {
        let found = self.inner().by_attempt.get(attempt).cloned();
        let run = found.filter(|run| run.until > Instant::now());
        let run = run.ok_or(NotTaken::NoRun)?;
        let open = self.open.admit(address).map_err(NotTaken::Limit)?;
        let below = |most| move |count: u32| (count < most).then_some(count + 1);
        let order = Ordering::Relaxed;
        if run
            .open
            .fetch_update(order, order, below(OPEN_PER_RUN_MAX))
            .is_err()
        {
            return Err(NotTaken::Limit(ProbeLimit::OpenPerRun));
        }
        let place = Place { run, _open: open };
        // Only what is answered counts: a page that has to wait for its turn loses nothing.
        let done = &place.run.requests;
        match done.fetch_update(order, order, below(REQUESTS_PER_RUN_MAX)) {
            Ok(_) => Ok(place),
            Err(_) => Err(NotTaken::Limit(ProbeLimit::RequestsPerRun)),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Forgets the runs that are over.
    fn forget(&mut self, now: Instant) {
        while let Some(run) = self.order.pop_front_if(|run| run.until <= now) {
            self.by_attempt.remove(&run.attempt);
            self.by_key.remove(&run.key);
        }
    }
}

impl Run {
    /// Its short code, without the dash.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// The id that all of its requests carry.
    pub(crate) fn attempt(&self) -> &str {
        &self.attempt
    }

    /// Whether this is the first request of a transport: the others arrive no differently. WebSockets do, and each
    /// that is missing is a fact.
    pub(super) fn is_told(&self, transport: Transport) -> bool {
        let bit = 1 << transport as u8;
        let before = self.told.fetch_or(bit, Ordering::Relaxed);
        transport.is_websocket() || before & bit == 0
    }

    /// What proves that a report is this run's.
    pub(super) fn key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.0)
    }
}

impl Place {
    /// Whose request it is.
    pub(super) fn run(&self) -> &Run {
        &self.run
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.run.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Sixty random bits: nobody meets another's by chance.
const ATTEMPT_LETTERS: usize = 12;

/// Letters of a key as it is written.
const KEY_LETTERS: usize = 22;

#[cfg(test)]
mod tests;
