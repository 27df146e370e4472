//! What is worth a look is handed to those who judge and keep, and counts with it.
//!
//! It must never be waited for by a request or a session, and it is bounded: beyond that, what is odd is only counted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use super::log::Log;
use super::past::Scope;
use crate::gateway::Gateway;

/// Logs and histories that wait to be told.
#[derive(Debug, Default)]
pub(super) struct Odd {
    waiting: Mutex<Waiting>,
    added: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    logs: VecDeque<Arc<Log>>,
    histories: VecDeque<Scope>,
    /// Logs for which there was no room.
    missed: u64,
}

impl Odd {
    /// A log is worth a look.
    pub(super) fn add(&self, log: &Arc<Log>) {
        let mut waiting = self.waiting();
        let mut inner = log.inner();
        if inner.due {
            return;
        }
        if waiting.logs.len() >= WAITING_MAX {
            waiting.missed += 1;
            return;
        }
        inner.due = true;
        waiting.logs.push_back(Arc::clone(log));
        self.added.notify_one();
    }

    /// Histories are worth a look.
    pub(super) fn tell(&self, scopes: Vec<Scope>) {
        if scopes.is_empty() {
            return;
        }
        let mut waiting = self.waiting();
        for scope in scopes {
            if waiting.histories.len() < WAITING_MAX && !waiting.histories.contains(&scope) {
                waiting.histories.push_back(scope);
            }
        }
        self.added.notify_one();
    }

    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.waiting())
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells what is odd as soon as it is, and the counts every few seconds, for ever.
pub(crate) async fn watch(gateway: Arc<Gateway>) {
    let observer = &gateway.observer;
    let mut counted = Instant::now();
    loop {
        let left = COUNTS_EVERY.saturating_sub(counted.elapsed());
        if timeout(left, observer.odd.added.notified()).await.is_ok() {
            // What belongs together comes together: an end, and what takes its place.
            sleep(SETTLES).await;
            tell(&gateway);
        }
        if counted.elapsed() >= COUNTS_EVERY {
            counted = Instant::now();
            observer.prune();
            let now = observer.now();
            let counts = observer.tallies().take(now);
            for (minute, transport, tally) in counts {
                gateway.reports.tally(minute, transport, tally);
            }
        }
    }
}

fn tell(gateway: &Gateway) {
    let observer = &gateway.observer;
    let waiting = observer.odd.take();
    gateway.reports.missed(waiting.missed);
    for log in waiting.logs {
        log.inner().due = false;
        observer.remember(&log);
        let mut seen = log.seen(observer.times());
        observer.add_arrivals(&log, &mut seen);
        gateway.reports.notice(seen);
    }
    let now = observer.now();
    for scope in waiting.histories {
        let history = observer.past().history(scope, now);
        if let Some(history) = history {
            gateway.reports.notice_history(history, now);
        }
    }
}

/// Logs, and histories, that wait at a time. Who judges them has pages' reports to judge, too.
const WAITING_MAX: usize = 64;

/// Between an odd thing and its telling.
const SETTLES: Duration = Duration::from_millis(300);

/// Between two tellings of the counts.
const COUNTS_EVERY: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::config::ReportSettings;
    use crate::observe::Observer;

    #[test]
    fn what_finds_no_room_is_counted() {
        let observer = Observer::new(&ReportSettings::default());
        let client = Client::direct([192, 0, 2, 1].into(), false, "app.example");
        let first = observer.alone(&client, "/");
        for _ in 0..2 {
            observer.odd.add(&first);
        }
        for _ in 0..=WAITING_MAX {
            observer.odd.add(&observer.alone(&client, "/"));
        }
        let waiting = observer.odd.take();
        assert_eq!((waiting.logs.len(), waiting.missed), (WAITING_MAX, 2));
        assert_eq!(observer.odd.take().missed, 0);
    }
}
