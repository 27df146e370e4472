//! Attachments begin, take over and end. Which transport and when is `towpath_session::choice`'s to say.
//!
//! An attachment that is not in use must never carry items, and the session is lost only when the one in
//! use is gone and none takes its place.

use towpath_session::choice::{Action, Choice};
use towpath_session::{Decoder, Envelope};

use super::Driver;
use crate::client::attachment::{Attachment, Phase};
use crate::client::failure::Failure;
use crate::client::launch::launch;
use crate::client::message::Event;
use crate::client::report::Reporter;
use crate::client::{Transport, random};

/// How long an attempt that the caller ordered may go without `attached`.
const ATTEMPT_MS: u64 = 10_000;
/// How long a streaming transport may go without its first pong.
const CHECK_MS: u64 = 2_000;

/// How an attachment is to begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) transport: Transport,
    /// `"use": true`.
    pub(super) at_once: bool,
    /// A pong is asked for before it counts as proven.
    pub(super) ping: bool,
    /// By the caller, and to be used as soon as it has attached.
    pub(super) wanted: bool,
}

impl Driver {
    /// Tells the choice a fact and does what it says.
    pub(super) fn choose(&mut self, now: u64, fact: impl FnOnce(&mut Choice) -> Vec<Action>) {
        for action in fact(&mut self.choice) {
            match action {
                Action::Start {
                    transport,
                    in_use,
                    ping,
                } => {
                    let start = Start {
                        transport,
                        at_once: in_use && self.in_use.is_none(),
                        ping,
                        wanted: false,
                    };
                    self.attach(start, now);
                }
                Action::Cancel { transport } => {
                    let in_use = self.in_use;
                    self.attachments.retain(|one| {
                        one.wanted || one.transport != transport || Some(one.generation) == in_use
                    });
                }
                Action::Use { transport } => {
                    let mut all = self.attachments.iter().rev();
                    let chosen = all.find(|one| one.transport == transport && !one.wanted);
                    if let Some(generation) = chosen.map(|one| one.generation) {
                        self.use_attachment(generation, now);
                    }
                }
                Action::Remember { transport } => self.shared.set_remembered(Some(transport)),
                Action::Forget => self.shared.set_remembered(None),
                Action::Wait { milliseconds } => {
                    let [jitter] = random();
                    let more = milliseconds * u64::from(jitter) / 1024;
                    self.retry_at = Some(now + milliseconds + more);
                }
            }
        }
    }

    /// What the time brings: a wait that is over, attempts that took too long.
    pub(super) fn choose_by_time(&mut self, now: u64) {
        if self.retry_at.is_some_and(|at| at <= now) {
            self.retry_at = None;
            self.choose(now, |choice| choice.retry(now));
        }
        if self.choice.deadline().is_some_and(|at| at <= now) {
            self.choose(now, |choice| choice.tick(now));
        }
    }

    /// Starts one attachment.
    pub(super) fn attach(&mut self, start: Start, now: u64) {
        self.generation += 1;
        let generation = self.generation;
        let first = self.attach_envelope(generation, start.at_once);
        let reporter = Reporter {
            generation,
            reports: self.reports.clone(),
        };
        self.attachments.push(Attachment {
            transport: start.transport,
            generation,
            running: launch(&self.dialer, start.transport, first, reporter),
            phase: Phase::Attaching,
            proof: self.proof.secret(),
            used_at_once: start.at_once,
            needs_check: start.ping
                || matches!(start.transport, Transport::Stream | Transport::Sse),
            wanted: start.wanted,
            started_at: now,
            last_down: now,
            decoder: Decoder::new(),
            key: [0; 16],
            peer_received: 0,
            peer_window: 0,
            request: 0,
            in_flight: 0,
            barren: 0,
            fruitful: false,
            cut: false,
            ended_on_purpose: false,
            renew_at: None,
        });
    }

    /// An attachment is proven.
    pub(super) fn proven(&mut self, generation: u64, now: u64) {
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        let (transport, wanted) = (attachment.transport, attachment.wanted);
        if self.in_use.is_some_and(|current| current > generation) {
            // The gateway lets nothing older take over again: what was overtaken begins anew.
            self.attachments.retain(|one| one.generation != generation);
            if !wanted {
                self.choose(now, |choice| choice.superseded(transport, now));
            }
            return;
        }
        if !wanted {
            self.choose(now, |choice| choice.proven(transport, now));
        }
        let is_there = self.attachment(generation).is_some();
        if is_there && self.in_use.is_none() {
            self.use_attachment(generation, now);
        }
        if self.in_use != Some(generation) {
            return;
        }
        self.lost_since = None;
        if std::mem::take(&mut self.told_lost) {
            self.tell(Event::Recovered { transport });
        }
    }

    /// Makes an attachment the one in use: the session goes on over it.
    pub(super) fn use_attachment(&mut self, generation: u64, now: u64) {
        if self.in_use == Some(generation) {
            return;
        }
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        let (received, credit) = (attachment.peer_received, attachment.peer_window);
        let (transport, knows) = (attachment.transport, attachment.used_at_once);
        let before = self.in_use.replace(generation);
        if !knows {
            self.up(generation, &Envelope::Use { generation });
        }
        // What went up on the one before may be lost: the session goes back to what was acknowledged.
        self.attachments
            .retain(|one| Some(one.generation) != before);
        self.shared.set_transport(Some(transport));
        if let Err(fault) = self.session.attach(received, credit, now) {
            self.fault(fault);
        }
        // An ack that the one before carried may be lost with it.
        self.session.ack_now(now);
        self.outbound
            .acknowledged(self.session.outbox().acknowledged());
    }

    /// An attachment is finished, for whatever reason.
    pub(super) fn ended(&mut self, generation: u64, failure: &Failure, now: u64) {
        let mut all = self.attachments.iter();
        let Some(place) = all.position(|one| one.generation == generation) else {
            return;
        };
        let attachment = self.attachments.remove(place);
        match failure {
            Failure::Status(413) => self.limit_bodies(),
            Failure::Unsent => self.shrink_bodies(),
            _ => {}
        }
        let was_in_use = self.in_use == Some(generation);
        if was_in_use {
            self.in_use = None;
            self.session.detach(now);
            self.shared.set_transport(None);
        }
        if self.over_at.is_some() {
            self.over_at = Some(now);
            return;
        }
        if self.session.is_peer_closed() {
            // All that will ever come is there: the gateway may have forgotten the session.
            self.stop_choosing();
            return;
        }
        if let Failure::Superseded(newer) = *failure {
            if newer < generation && attachment.proof == self.proof.secret() {
                self.taken_over();
                return;
            }
            // By an own attachment whose answer is still on its way: that is no loss.
            if was_in_use && let Some(heir) = self.attachment(newer) {
                heir.wanted = true;
                return;
            }
        }
        let transport = attachment.transport;
        if was_in_use {
            self.lost(now);
        }
        if attachment.wanted {
            self.heir_failed(now);
        } else if matches!(failure, Failure::Superseded(_)) && !was_in_use {
            self.choose(now, |choice| choice.superseded(transport, now));
        } else {
            self.choose(now, |choice| choice.failed(transport, now));
        }
    }

    /// An attachment that the caller ordered, or that had taken over, is gone: what the choice holds for
    /// in use is gone with it, unless it still is.
    fn heir_failed(&mut self, now: u64) {
        if self.in_use.is_some() {
            return;
        }
        if let Some(current) = self.choice.current() {
            self.choose(now, |choice| choice.failed(current, now));
        }
    }

    /// The transport in use is gone. Told once until it is found again.
    fn lost(&mut self, now: u64) {
        self.lost_since.get_or_insert(now);
        self.shared.lost();
        if !std::mem::replace(&mut self.told_lost, true) {
            self.tell(Event::Reconnecting);
        }
    }

    /// Ends what has been silent for too long, each phase by its own measure.
    pub(super) fn check_attachments(&mut self, now: u64) {
        let silent: Vec<_> = self
            .attachments
            .iter()
            .filter(|one| self.silence_ends(one) <= now)
            .map(|one| (one.generation, now - one.last_down))
            .collect();
        for (generation, span) in silent {
            self.ended(generation, &Failure::Silent(span), now);
        }
    }

    /// When an attachment's silence proves it dead.
    pub(super) fn silence_ends(&self, attachment: &Attachment) -> u64 {
        match attachment.phase {
            // The choice counts the time of its own attempts.
            Phase::Attaching if !attachment.wanted => u64::MAX,
            Phase::Attaching => attachment.started_at + ATTEMPT_MS,
            Phase::Checking { since } => since + CHECK_MS,
            Phase::Proven => attachment.last_down + self.terms.heartbeat * 3 / 2,
        }
    }
}
