//! Reports of pages: taken, joined with what the gateway saw, judged by the one rule engine, and kept.
//!
//! Nothing here waits for the disk: what cannot be kept in time is dropped and counted.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::broadcast;
use tokio::time::timeout;
use towpath_diagnosis::observation::History;
use towpath_reports::{Bounds, Case, Store, StoreError, Tally};

use crate::admit::rate::Rate;
use crate::config::ReportSettings;
use crate::metrics::Metrics;
use crate::observe::Seen;

mod answer;
mod desk;
mod export;
mod intake;
mod join;
mod numbers;
mod page_side;
mod writer;

pub(crate) use export::lines;
pub(crate) use intake::handle;
pub(crate) use join::join;
pub(crate) use page_side::PageSide;

use desk::Desk;
use intake::Counts;
use numbers::Numbers;
use writer::Writer;

/// Keeps cases and counts, and answers questions about them.
#[derive(Debug)]
pub(crate) struct Reports {
    /// None where nothing is kept.
    writer: Option<Writer>,
    news: broadcast::Sender<News>,
    numbers: Arc<Numbers>,
    rate: Rate,
    counts: Counts,
}

/// What is new, for those who watch.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// A case was added or changed.
    Case(Box<Case>),
    /// Counts of a minute and a transport so far, with the minute in seconds since 1970-01-01 UTC.
    Tally(u64, &'static str, Tally),
}

/// Too much is asked of the store at once, or nothing is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the store is busy")]
pub(crate) struct Busy;

impl Reports {
    /// Opens what is kept, and starts the thread that writes.
    pub(crate) fn new(settings: &ReportSettings) -> Result<Self, StoreError> {
        let news = broadcast::channel(NEWS_MAX).0;
        let numbers = Arc::new(Numbers::new());
        let bounds = Bounds {
            days: settings.days,
            megabytes: settings.megabytes,
        };
        let writer = if settings.enabled {
            let store = match &settings.file {
                Some(path) => Store::open(path, bounds)?,
                None => Store::memory(bounds)?,
            };
            let desk = Desk::new(store, news.clone(), Arc::clone(&numbers));
            Some(Writer::start(desk, Arc::clone(&numbers)))
        } else {
            None
        };
        Ok(Self {
            writer,
            news,
            numbers,
            rate: Rate::new(settings.per_minute),
            counts: Counts::default(),
        })
    }

    /// Shows its numbers beside the others.
    pub(crate) fn register(&self, metrics: &Metrics) {
        self.numbers.register(metrics);
    }

    /// Whether anything is kept.
    pub(crate) fn is_on(&self) -> bool {
        self.writer.is_some()
    }

    /// Whether so much waits to be written that only those are taken who proved who they are.
    fn is_pressed(&self) -> bool {
        self.writer.as_ref().is_none_or(Writer::is_pressed)
    }

    /// The gateway saw something odd of a session or a plain WebSocket. It never waits, and keeps only what has a fault.
    pub(crate) fn notice(&self, seen: Seen) {
        self.hand(move |desk| desk.notice(seen));
    }

    /// So many odd things came too fast to be looked at.
    pub(crate) fn missed(&self, count: u64) {
        if self.is_on() {
            self.numbers.dropped("queue", count);
        }
    }

    /// How many connections of one network ended. It never waits, and keeps only what has a fault.
    pub(crate) fn notice_history(&self, history: History, now_unix_ms: u64) {
        self.hand(move |desk| desk.notice_history(history, now_unix_ms));
    }

    /// The counts of a minute and a transport so far; they take the place of those told before. It never waits.
    pub(crate) fn tally(&self, minute_unix_s: u64, transport: &'static str, tally: Tally) {
        self.hand(move |desk| desk.tally(minute_unix_s, transport, tally));
    }

    /// Asks the store. Questions wait in line with what is written.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        self.at_the_desk(move |desk| question(desk.store())).await
    }

    /// What is new from now on. Who does not keep up misses the oldest.
    pub(crate) fn watch(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Waits until everything that was handed over is written, but not for ever.
    pub(crate) async fn settle(&self) {
        // What is not written by then is lost with the process, as it would be with a kill.
        timeout(SETTLE, self.ask(|_| ())).await.ok();
    }

    async fn at_the_desk<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let job = move |desk: &mut Desk| {
            // Who asked may be gone by now.
            answer.send(job(desk)).ok();
        };
        let writer = self.writer.as_ref().ok_or(Busy)?;
        writer.hand(Box::new(job))?;
        answered.await.map_err(|_| Busy)
    }

    fn hand(&self, job: impl FnOnce(&mut Desk) + Send + 'static) {
        let Some(writer) = &self.writer else {
            return;
        };
        if writer.hand(Box::new(job)).is_err() {
            self.numbers.dropped("queue", 1);
        }
    }
}

/// How long the end of the gateway waits for the disk.
const SETTLE: Duration = Duration::from_secs(2);

/// News that a slow watcher may be behind.
const NEWS_MAX: usize = 256;

#[cfg(test)]
mod tests;
