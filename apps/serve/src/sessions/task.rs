//! The one task of a session: it owns the backend leg, and the client's WebSockets.
//!
//! Each wake-up moves what can be moved and writes once to each side. It holds no buffer between wake-ups; what
//! it reads into belongs to the thread.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::{Sleep, sleep_until};
use towpath_session::Outcome;
use towpath_session::adapt::Cut;
use towpath_websocket::CloseCode;

use super::leg::{Leg, Opening};
use super::link::{Link, Read};
use super::session::Session;
use super::state::{Phase, State};
use crate::gateway::Gateway;
use crate::limits::Limit;
use crate::observe::end_of;

/// A session at work. It is ready when the session is over.
pub(super) struct Task {
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    leg: Leg,
    /// The WebSockets of its attachments.
    links: Vec<Link>,
    timer: Pin<Box<Sleep>>,
    /// When the timer is set for, in milliseconds.
    armed: u64,
    /// The end by name was logged and counted.
    noted: bool,
}

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH_BYTES]);
}

impl Task {
    /// The task of a new session whose backend is being asked.
    pub(super) fn new(gateway: Arc<Gateway>, session: Arc<Session>, opening: Opening) -> Self {
        let now = gateway.sessions.now();
        let timer = sleep_until(gateway.sessions.clock.instant(now + FIRST_TIMER_MS));
        Self {
            gateway,
            session,
            leg: Leg::Opening(opening),
            links: Vec::new(),
            timer: Box::pin(timer),
            armed: now + FIRST_TIMER_MS,
            noted: false,
        }
    }

    /// Moves what can be moved; says when something is due, or nothing where the session is over.
    fn run(&mut self, cx: &mut Context<'_>, scratch: &mut [u8]) -> Option<u64> {
        let session = Arc::clone(&self.session);
        let mut state = session.state();
        let state = &mut *state;
        if !state
            .task
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            state.task = Some(cx.waker().clone());
        }
        let now = self.gateway.sessions.now();
        self.adopt(state, now);
        let mut rounds = 0;
        let due = loop {
            let mut moved = self.receive(state, cx, scratch, now);
            let room = self.gateway.sessions.has_room(&state.engine);
            if state.is_running() {
                moved |= self.leg.poll(state, cx, scratch, now, room);
            } else {
                self.leg.finish(cx);
            }
            let mut due = state.tick(now, self.gateway.sessions.patience);
            self.guard_memory(state, now, &mut due);
            moved |= self.send(state, cx, now);
            if !moved {
                break due;
            }
            rounds += 1;
            if rounds == ROUNDS_MAX {
                // Others wait for this thread.
                cx.waker().wake_by_ref();
                break due;
            }
        };
        state.wake_downlink(now);
        for observed in std::mem::take(&mut state.observed) {
            let observer = &self.gateway.observer;
            self.gateway
                .sessions
                .note_observed(observer, &self.session, observed, now);
        }
        self.gateway.sessions.count(state);
        self.note_end(state);
        if !state.is_running()
            && state.attachments.is_empty()
            && self.links.is_empty()
            && self.leg.is_gone()
        {
            self.leave(state, now);
            return None;
        }
        let closing = self.links.iter().filter_map(|link| link.closing_due).min();
        Some(
            due.min(self.leg.deadline())
                .min(closing.unwrap_or(u64::MAX)),
        )
    }

    /// Takes over the WebSockets that have attached since.
    fn adopt(&mut self, state: &mut State, now: u64) {
        for mut link in std::mem::take(&mut state.arrived) {
            let generation = link.generation;
            let fault = link.drain(|envelope| state.receive(generation, envelope, now));
            if let Some(fault) = fault {
                state.end(fault.outcome(), None, now);
            }
            self.links.reserve_exact(1);
            self.links.push(link);
        }
    }

    fn receive(
        &mut self,
        state: &mut State,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
        now: u64,
    ) -> bool {
        let mut moved = false;
        for link in &mut self.links {
            if link.ended {
                continue;
            }
            let generation = link.generation;
            let read = link.poll_receive(cx, scratch, |envelope| {
                state.receive(generation, envelope, now)
            });
            match read {
                Poll::Pending => continue,
                Poll::Ready(Read::Some(_)) => {}
                Poll::Ready(Read::Fault(fault)) => {
                    tracing::debug!(%fault, "the client broke the protocol");
                    state.end(fault.outcome(), None, now);
                }
                Poll::Ready(Read::Closed) => {
                    link.ended = true;
                    state.note_closed(generation);
                    state.lose(generation, now);
                }
                Poll::Ready(Read::Lost(end)) => {
                    link.ended = true;
                    state.note_lost(generation, end);
                    link.closing_due = Some(now);
                    note_cut(&self.gateway, &self.session, state, generation, now);
                    state.lose(generation, now);
                }
            }
            moved = true;
        }
        moved
    }

    /// Writes once on each WebSocket, and drops those that are done.
    fn send(&mut self, state: &mut State, cx: &mut Context<'_>, now: u64) -> bool {
        let mut moved = false;
        self.links.retain_mut(|link| {
            let generation = link.generation;
            if link.is_flushed() {
                for _ in 0..MESSAGES_MAX {
                    if !state.has_something(generation, now) {
                        break;
                    }
                    link.queue(|out| state.fill(generation, now, MESSAGE_BYTES_MAX, out));
                    moved = true;
                }
            }
            let is_over = match state.attachment(generation) {
                Some(attachment) => attachment.ended && !attachment.has_queued(),
                None => true,
            };
            if is_over && link.closing_due.is_none() {
                link.close(CloseCode::NORMAL, now + GOODBYE_MS);
            }
            match link.poll_flush(cx) {
                Poll::Ready(Err(error)) => {
                    state.note_lost(generation, end_of(&error));
                    state.lose(generation, now);
                    return false;
                }
                Poll::Ready(Ok(())) if is_over => {
                    state.lose(generation, now);
                    // After both close frames the server ends the stream first (RFC 6455 section 7.1.1).
                    if link.ended && link.poll_shutdown(cx).is_ready() {
                        return false;
                    }
                }
                _ => {}
            }
            link.closing_due.is_none_or(|due| due > now)
        });
        moved
    }

    /// Where all sessions together hold too much, those end that their clients do not empty.
    fn guard_memory(&self, state: &mut State, now: u64, due: &mut u64) {
        let sessions = &self.gateway.sessions;
        if !state.is_running()
            || state.engine.buffered_cost() < KEPT_BYTES
            || !sessions.is_memory_full()
        {
            return;
        }
        let at = state.taken_at + STALLED_WHEN_FULL_MS;
        if at <= now {
            state.end(Outcome::Memory, Some(RETRY_SECONDS), now);
        } else {
            *due = (*due).min(at);
        }
    }

    /// Logs and counts the end of a session by name, once.
    fn note_end(&mut self, state: &State) {
        let Phase::Ended(outcome, _) = state.phase else {
            return;
        };
        if std::mem::replace(&mut self.noted, true) {
            return;
        }
        let limit = match outcome {
            Outcome::ContinuityLost => Some(Limit::DetachedSeconds),
            Outcome::Stalled => Some(Limit::SlowReaderSeconds),
            Outcome::Memory => Some(Limit::BufferedBytes),
            Outcome::Shutdown => Some(Limit::DrainSeconds),
            _ => None,
        };
        if let Some(limit) = limit {
            self.gateway
                .metrics
                .limit_reached(limit, &self.session.name());
        }
        self.gateway.sessions.counters.ended(outcome.name());
        tracing::info!(session = %self.session.name(), outcome = outcome.name(), "session ended");
    }

    fn leave(&mut self, state: &mut State, now: u64) {
        let sessions = &self.gateway.sessions;
        if !self.noted {
            sessions.counters.ended("close");
            tracing::info!(session = %self.session.name(), outcome = "close", "session ended");
        }
        state.task = None;
        sessions.leave(&self.gateway.observer, &self.session, state, now);
    }

    /// Sets the timer for `due` and says whether that is now.
    fn is_due(&mut self, cx: &mut Context<'_>, due: u64) -> bool {
        let clock = self.gateway.sessions.clock;
        // A timer that is set for earlier stays: setting it costs more than waking up once in vain.
        if due < self.armed {
            self.armed = due;
            self.timer.as_mut().reset(clock.instant(due));
        }
        if self.timer.as_mut().poll(cx).is_pending() {
            return false;
        }
        if due > clock.now() {
            self.armed = due;
            self.timer.as_mut().reset(clock.instant(due));
            return self.timer.as_mut().poll(cx).is_ready();
        }
        true
    }
}

impl Future for Task {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        loop {
            let due = SCRATCH.with_borrow_mut(|scratch| this.run(cx, scratch));
            let Some(due) = due else {
                return Poll::Ready(());
            };
            if !this.is_due(cx, due) {
                return Poll::Pending;
            }
        }
    }
}

fn note_cut(gateway: &Gateway, session: &Session, state: &mut State, generation: u64, now: u64) {
    if !state.is_running() || state.acceptance.in_use() != generation {
        return;
    }
    if let Some(attachment) = state.attachment(generation) {
        let cut = Cut {
            age_ms: now.saturating_sub(attachment.since),
            idle_ms: now.saturating_sub(attachment.told.max(attachment.heard)),
            bytes: attachment.bytes,
        };
        let from = (attachment.network, attachment.transport);
        gateway.sessions.note_cut(session, from, cut, now);
    }
}

/// Bytes of one read; each thread has this much once.
const SCRATCH_BYTES: usize = 64 * 1024;

/// Rounds of reading and writing in one wake-up.
const ROUNDS_MAX: usize = 32;

/// Bytes of one message to a client's WebSocket: the largest item and an ack. A message counts only when it is whole, so
/// a larger one would never arrive where connections are cut after some bytes.
const MESSAGE_BYTES_MAX: usize = 17 * 1024;

/// Messages of one write.
const MESSAGES_MAX: usize = 4;

/// How long a client has to close its side of a WebSocket.
const GOODBYE_MS: u64 = 3_000;

/// The timer before anything is known to be due.
const FIRST_TIMER_MS: u64 = 60_000;

/// What every session may keep, however full the gateway is.
const KEPT_BYTES: u64 = 64 * 1024;

/// How long a client may take nothing while the gateway is full.
const STALLED_WHEN_FULL_MS: u64 = 5_000;

/// When a client whose session ended for want of memory may try again.
const RETRY_SECONDS: u64 = 5;
