//! The place for the one browser that runs: starting it, letting it go.
//!
//! Everything here happens under one lock; what lasts long for other reasons is left to `watch`.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use super::Inner;
use super::backoff::Backoff;
use super::settings::Timing;
use super::watch::{WAS_ENDED, Watched, watch};
use crate::capture::credentials;
use crate::carry::{Carrier, LinkServer};
use crate::debugger::Debugger;
use crate::error::BrowserError;
use crate::flags::Purpose;
use crate::launch::Browser;

/// At most one browser, and what its predecessors left to know.
#[derive(Default)]
pub(super) struct Slot {
    link_server: Option<Arc<LinkServer>>,
    running: Option<Running>,
    /// Browsers that have ended, until nothing of them is left.
    leaving: Vec<oneshot::Receiver<()>>,
    backoff: Backoff,
    /// The last browser ended though nobody asked it to.
    crashed: bool,
    /// Starts so far, each of which gives its number to its browser.
    starts: u64,
    /// Why the last start failed, for those who waited for the same one.
    failure: Option<BrowserError>,
}

struct Running {
    number: u64,
    started: Instant,
    carrier: Carrier,
    debugger: Debugger,
    /// To end it: why.
    orders: mpsc::Sender<&'static str>,
    /// Ends when nothing of it is left.
    cleared: oneshot::Receiver<()>,
}

impl Slot {
    /// The way into the browser, if one runs.
    pub(super) fn carrier(&self) -> Option<Carrier> {
        let running = self.running.as_ref()?;
        (!running.debugger.has_ended()).then(|| running.carrier.clone())
    }

    #[cfg(test)]
    pub(super) fn running_debugger(&self) -> Option<Debugger> {
        Some(self.running.as_ref()?.debugger.clone())
    }

    /// Where pages reach us; one for all browsers of a keeper.
    async fn link_server(&mut self) -> Result<Arc<LinkServer>, BrowserError> {
        if let Some(server) = &self.link_server {
            return Ok(Arc::clone(server));
        }
        let server = LinkServer::start().await;
        let server = Arc::new(server.map_err(BrowserError::io("listening for pages"))?);
        self.link_server = Some(Arc::clone(&server));
        Ok(server)
    }

    /// Takes a browser out whose number this is. `false` where it is out already.
    pub(super) fn remove(&mut self, number: u64) -> bool {
        let is_it = |running: &mut Running| running.number == number;
        let removed = self.running.take_if(is_it);
        let is_removed = removed.is_some();
        self.leave(removed.map(|running| running.cleared));
        is_removed
    }

    fn leave(&mut self, browser: Option<oneshot::Receiver<()>>) {
        self.leaving
            .retain_mut(|cleared| cleared.try_recv() == Err(TryRecvError::Empty));
        self.leaving.extend(browser);
    }

    /// Lets go of a browser that ended though nobody asked it to.
    pub(super) fn clear_crashed(&mut self, timing: &Timing) {
        let has_ended = |running: &mut Running| running.debugger.has_ended();
        if let Some(running) = self.running.take_if(has_ended) {
            self.crashed = true;
            self.note_failure(timing, running.started.elapsed() >= timing.steady);
            self.leave(Some(running.cleared));
        }
    }

    fn note_failure(&mut self, timing: &Timing, is_steady: bool) {
        let (min, max) = (timing.backoff_min, timing.backoff_max);
        self.backoff.failed(Instant::now(), is_steady, min, max);
    }
}

impl Inner {
    /// The way into the browser, which is started if none runs. Those who wait for the same start share its outcome.
    pub(super) async fn obtain(self: Arc<Self>) -> Result<Carrier, BrowserError> {
        let failed_before = self.starts_failed.load(Ordering::Acquire);
        let mut slot = self.slot.lock().await;
        if let Some(carrier) = slot.carrier() {
            return Ok(carrier);
        }
        let has_failed = self.starts_failed.load(Ordering::Acquire) != failed_before;
        if let Some(failure) = slot.failure.as_ref().filter(|_| has_failed) {
            return Err(failure.again());
        }
        slot.clear_crashed(&self.timing);
        let start = async {
            sleep(slot.backoff.pause(Instant::now())).await;
            slot.starts += 1;
            slot.failure = None;
            self.start(&mut slot).await
        };
        let outcome = tokio::select! {
            outcome = start => outcome,
            // What is half-way started ends with its future.
            () = self.ending.notified() => return Err(BrowserError::ended(WAS_ENDED)),
        };
        let error = match outcome {
            Ok(carrier) => return Ok(carrier),
            Err(error) => error,
        };
        // Looking for a program that is not there costs nothing.
        if !matches!(error, BrowserError::NotFound { .. }) {
            slot.note_failure(&self.timing, false);
        }
        self.facts().last_failure = Some(error.to_string());
        slot.failure = Some(error.again());
        self.starts_failed.fetch_add(1, Ordering::AcqRel);
        Err(error)
    }

    async fn start(self: &Arc<Self>, slot: &mut Slot) -> Result<Carrier, BrowserError> {
        let server = slot.link_server().await?;
        let options = &self.settings.options;
        let purpose = Purpose::Carry {
            link_port: Some(server.port()),
        };
        let mut browser = Browser::obtain(options, purpose).await?;
        let connection = browser.take_connection();
        let connection =
            connection.ok_or_else(|| BrowserError::ended("the browser has no connection"))?;
        let debugger = Debugger::new(connection);
        let carrier = Carrier::new(server, debugger.clone(), credentials(options));
        let process = browser.process().and_then(|process| process.id());
        {
            let mut facts = self.facts();
            facts.program.clone_from(&browser.program);
            facts.version.clone_from(&browser.product);
            facts.without_sandbox.clone_from(&browser.without_sandbox);
            facts.restarts += u64::from(slot.crashed);
            facts.started(slot.starts, carrier.clone(), process);
        }
        slot.crashed = false;
        let (orders, orders_given) = mpsc::channel(ORDERS_QUEUED_MAX);
        let (tell_cleared, cleared) = oneshot::channel();
        let watched = Watched {
            number: slot.starts,
            browser,
            process,
            debugger: debugger.clone(),
            carrier: carrier.clone(),
            cleared: tell_cleared,
        };
        tokio::spawn(watch(Arc::downgrade(self), watched, orders_given));
        slot.running = Some(Running {
            number: slot.starts,
            started: Instant::now(),
            carrier: carrier.clone(),
            debugger,
            orders,
            cleared,
        });
        Ok(carrier)
    }

    /// Lets the browser go, if one runs, and waits until nothing of it or of its predecessors is left.
    pub(super) async fn end(&self, why: &'static str) {
        let (running, mut leaving) = {
            // Whoever waits for a start holds the lock.
            self.ending.notify_waiters();
            let mut slot = self.slot.lock().await;
            (slot.running.take(), std::mem::take(&mut slot.leaving))
        };
        if let Some(running) = running {
            // Where nobody takes the order the browser has ended by itself.
            let _ = running.orders.send(why).await;
            leaving.push(running.cleared);
        }
        for cleared in leaving {
            let _ = cleared.await;
        }
    }
}

const ORDERS_QUEUED_MAX: usize = 4;
