//! What one session is at a moment: the reliable engine, its attachments, and how far it is from its end.
//!
//! It is shared by the session's task and by the requests of its HTTP transports, under one lock that is never
//! held across a wait. It must never touch a socket.

use std::net::IpAddr;
use std::task::Waker;

use bytes::Bytes;
use towpath_diagnosis::observation::{self, AttachmentEnd};
use towpath_session::adapt::Cut;
use towpath_session::attach::{Acceptance, Used};
use towpath_session::body::{End, Refused};
use towpath_session::{Close, Envelope, Fault, Kind, Malformed, Outcome, Session as Engine};

use super::attachment::{Attachment, Stated};
use super::cookies::Cookies;
use super::link::Link;
use crate::config::TransportKind;
use crate::observe;

mod ends;
mod tick;

use ends::{Closed, size};
pub(super) use tick::Patience;

/// Where a session is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Items may come from both sides.
    Open,
    /// Its close is on its way down since that time.
    Closing(u64),
    /// It ended otherwise than by a close, at that time; whoever asks is told.
    Ended(Outcome, u64),
    /// Everything is said.
    Over,
}

/// What a session saw of its client's network.
#[derive(Clone, Debug)]
pub(super) enum Observed {
    /// An attachment fell silent.
    Silent(IpAddr, TransportKind, Cut),
    /// A young streaming response was left for a worse transport.
    HeldBack(IpAddr),
    /// A transport was taken into use.
    Used(TransportKind),
    /// An attachment in use whose cut is noted is given up, or came back.
    Open(TransportKind, bool),
    /// An attachment is over.
    Ended(Box<observation::Attachment>),
}

/// The state of one session.
#[derive(Debug)]
pub(super) struct State {
    /// Items, acks and credit.
    pub(super) engine: Engine,
    /// Who may attach, and which attachment is in use.
    pub(super) acceptance: Acceptance,
    /// Those that are alive; at most a few.
    pub(super) attachments: Vec<Attachment>,
    /// WebSockets that the task has not taken over yet.
    pub(super) arrived: Vec<Link>,
    /// The session's task.
    pub(super) task: Option<Waker>,
    /// Where it is on its way to its end.
    pub(super) phase: Phase,
    /// Since when no attachment is in use; none while one is.
    pub(super) detached_since: Option<u64>,
    /// When the client last took something, or had nothing to take.
    pub(super) taken_at: u64,
    /// The client's newest acknowledgement when that was noted.
    pub(super) taken: u64,
    /// What the backend wants the browser to keep.
    pub(super) cookies: Cookies,
    /// What was seen of the client's network and is not noted yet.
    pub(super) observed: Vec<Observed>,
    /// How it was closed in order, as far as it was.
    closed: Option<Closed>,
    /// What of this session is counted in the sum of all sessions.
    pub(super) counted_bytes: u64,
}

impl State {
    /// A session without an attachment.
    pub(super) fn new(engine: Engine, acceptance: Acceptance, now: u64) -> Self {
        Self {
            engine,
            acceptance,
            attachments: Vec::new(),
            arrived: Vec::new(),
            task: None,
            phase: Phase::Open,
            detached_since: Some(now),
            taken_at: now,
            taken: 0,
            cookies: Cookies::default(),
            observed: Vec::new(),
            closed: None,
            counted_bytes: 0,
        }
    }

    /// Wakes the session's task.
    pub(super) fn wake_task(&mut self) {
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }

    /// The attachment of that generation, if it is alive.
    pub(super) fn attachment(&mut self, generation: u64) -> Option<&mut Attachment> {
        let mut all = self.attachments.iter_mut();
        all.find(|attachment| attachment.generation == generation)
    }

    /// The client chose a candidate, by `use` or by an item on it.
    fn use_candidate(&mut self, generation: u64, now: u64) -> Result<(), Fault> {
        match self.acceptance.use_candidate(generation) {
            Used::Already => Ok(()),
            Used::Now { .. } => {
                self.put_in_use(generation, now)?;
                // What `attached` said when the candidate began is old, and a later ack may be lost.
                self.engine.ack_now(now);
                Ok(())
            }
            Used::Superseded { generation: in_use } => {
                if let Some(attachment) = self.attachment(generation) {
                    attachment.say_last(Envelope::Superseded { generation: in_use });
                }
                Ok(())
            }
        }
    }

    /// An attachment that the acceptance put in use carries the items from now on. All before it end.
    pub(super) fn put_in_use(&mut self, generation: u64, now: u64) -> Result<(), Fault> {
        let superseded: Vec<u64> = self
            .attachments
            .iter()
            .map(|attachment| attachment.generation)
            .filter(|other| *other < generation)
            .collect();
        let transport = self.attachment(generation).map(|new| new.transport);
        for other in superseded {
            if let Some(old) = self.attachment(other)
                && Some(old.transport) < transport
                && matches!(old.transport, TransportKind::Stream | TransportKind::Sse)
                && now.saturating_sub(old.since) < YOUNG_MS
            {
                let left = Observed::HeldBack(old.network);
                self.observed.push(left);
            }
            self.supersede(other, generation, now);
        }
        let Some(attachment) = self.attachment(generation) else {
            return Ok(());
        };
        let (stated, transport) = (attachment.stated, attachment.transport);
        if !std::mem::replace(&mut attachment.counts.used, true) {
            self.observed.push(Observed::Used(transport));
        }
        self.carry(stated, now)
    }

    /// What the client does not have goes out (again) over the attachment in use.
    pub(super) fn carry(&mut self, stated: Stated, now: u64) -> Result<(), Fault> {
        self.detached_since = None;
        self.engine.attach(stated.received, stated.credit, now)?;
        self.taken_at = now;
        self.taken = self.engine.outbox().acknowledged();
        self.wake_task();
        Ok(())
    }

    /// An attachment is over because of a later one. Later requests of it are answered by the acceptance.
    pub(super) fn supersede(&mut self, generation: u64, in_use: u64, now: u64) {
        if let Some(attachment) = self.attachment(generation) {
            attachment.ends(AttachmentEnd::Superseded);
            attachment.say_last(Envelope::Superseded { generation: in_use });
            if !attachment.is_reachable() {
                self.remove(generation, now);
            }
        }
    }

    /// Takes one envelope that came on an attachment. After a fault the session must be ended.
    pub(super) fn receive(
        &mut self,
        generation: u64,
        envelope: Envelope<'_>,
        now: u64,
    ) -> Result<(), Fault> {
        if !self.is_running() {
            return Ok(());
        }
        let in_use = self.acceptance.in_use();
        let Some(attachment) = self.attachment(generation) else {
            return Ok(());
        };
        attachment.heard = now;
        attachment.counts.received(size(&envelope));
        if attachment.ended || generation < in_use {
            attachment.ends(AttachmentEnd::Superseded);
            attachment.say_last(Envelope::Superseded { generation: in_use });
            return Ok(());
        }
        match envelope {
            Envelope::Use { generation: named } if named == generation => {
                self.use_candidate(generation, now)
            }
            Envelope::Ping(bytes) => {
                attachment.say_padded(Envelope::Pong(bytes));
                Ok(())
            }
            Envelope::Item(_) => {
                if generation > in_use {
                    self.use_candidate(generation, now)?;
                }
                self.engine.receive(envelope, now)
            }
            // An ack may be lost with the rest of a response that was cut.
            Envelope::Again => self.engine.receive(envelope, now),
            Envelope::Ack { .. } => {
                self.engine.receive(envelope, now)?;
                self.note_taken(now);
                Ok(())
            }
            Envelope::End(json) => {
                let end = End::parse(json)?;
                self.all_end(&AttachmentEnd::Closed {
                    by_client: true,
                    code: None,
                });
                self.end(end.outcome.unwrap_or(Outcome::NoTransport), None, now);
                Ok(())
            }
            Envelope::Pong(_) => {
                attachment.counts.ponged(now);
                Ok(())
            }
            Envelope::Padding(_) => Ok(()),
            _ => Err(Fault::Malformed(Malformed::Unexpected)),
        }
    }

    /// Appends what is to be said on an attachment now, at most about `budget` bytes. What comes first, `attached`, stays
    /// alone: where each connection is cut after some bytes, it would never get through in front of a backlog.
    pub(super) fn fill(&mut self, generation: u64, now: u64, budget: usize, out: &mut Vec<u8>) {
        let is_used = generation == self.acceptance.in_use();
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        let start = out.len();
        let is_first = attachment.bytes == 0 && attachment.has_queued();
        attachment.take_queued(out);
        let ended = attachment.ended;
        if is_used && !ended && !is_first {
            let rest = budget.saturating_sub(out.len() - start);
            self.engine.transmit(now, rest, out);
        }
        if out.len() > start
            && let Some(attachment) = self.attachment(generation)
        {
            attachment.told = now;
            attachment.counts.messages_down = attachment.counts.messages_down.saturating_add(1);
            attachment.bytes += (out.len() - start) as u64;
        }
    }

    /// Whether [`Self::fill`] would append anything.
    pub(super) fn has_something(&mut self, generation: u64, now: u64) -> bool {
        let wants = generation == self.acceptance.in_use() && self.engine.wants_to_transmit(now);
        self.attachment(generation)
            .is_some_and(|attachment| attachment.has_queued() || (wants && !attachment.ended))
    }

    /// Wakes the response of the attachment in use if there is something for it.
    pub(super) fn wake_downlink(&mut self, now: u64) {
        let generation = self.acceptance.in_use();
        if self.has_something(generation, now)
            && let Some(attachment) = self.attachment(generation)
        {
            attachment.wake();
        }
    }

    /// An attachment is gone without a word. One of requests may come back, the others are forgotten.
    pub(super) fn lose(&mut self, generation: u64, now: u64) {
        let is_used = generation == self.acceptance.in_use();
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        attachment.wake();
        attachment.response = None;
        let goes = attachment.transport == TransportKind::Websocket || attachment.ended;
        let was_lost = attachment.lost;
        if goes {
            self.remove(generation, now);
        } else {
            self.note_loss(generation, now);
        }
        if !is_used {
            self.acceptance.drop_candidate(generation);
            self.remove(generation, now);
        } else if !was_lost && self.detached_since.is_none() {
            self.detached_since = Some(now);
            self.engine.detach(now);
        }
    }

    fn remove(&mut self, generation: u64, now: u64) {
        self.retain(now, |attachment| attachment.generation != generation);
        if self.attachments.capacity() > 4 && self.attachments.len() <= 1 {
            self.attachments.shrink_to_fit();
        }
    }

    /// Says the last item down.
    pub(super) fn close(&mut self, close: &Close, now: u64) {
        self.note_close(close.code);
        self.push(Kind::Close, close.payload(), now);
        if self.phase == Phase::Open {
            self.phase = Phase::Closing(now);
        }
    }

    /// Says that the backend refused, which is the last item down.
    pub(super) fn refuse(&mut self, refused: &Refused, now: u64) {
        self.note_close(None);
        self.push(Kind::Refused, refused.json().into(), now);
        self.phase = Phase::Closing(now);
    }

    /// Takes an item for the client.
    pub(super) fn push(&mut self, kind: Kind, payload: Bytes, now: u64) {
        if self.engine.buffered_cost() == 0 {
            self.taken_at = now;
        }
        self.engine.push(kind, payload);
    }

    /// Ends the session by name: every attachment is told, and what waited is dropped.
    pub(super) fn end(&mut self, outcome: Outcome, retry: Option<u64>, now: u64) {
        if matches!(self.phase, Phase::Ended(..) | Phase::Over) {
            return;
        }
        self.phase = Phase::Ended(outcome, now);
        let json = End {
            outcome: Some(outcome),
            retry,
        }
        .json();
        for attachment in &mut self.attachments {
            attachment.ends(observe::outcome(outcome.name()));
            attachment.say_last(Envelope::End(&json));
        }
        self.engine = Engine::new(*self.engine.settings());
        self.wake_task();
    }

    /// Everything is said: attachments end without a further word.
    pub(super) fn finish(&mut self) {
        if !matches!(self.phase, Phase::Ended(..)) {
            self.phase = Phase::Over;
        }
        for attachment in &mut self.attachments {
            if let Some(closed) = self.closed {
                attachment.ends(closed.end());
            }
            attachment.ended = true;
            attachment.wake();
        }
    }

    /// What is kept for this session: for the client until it acknowledges, for the backend until it takes.
    pub(super) fn held_bytes(&self) -> u64 {
        self.engine.buffered_cost() + self.engine.untaken_cost()
    }

    /// Whether items can still come and go.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::Closing(_))
    }

    fn note_taken(&mut self, now: u64) {
        let taken = self.engine.outbox().acknowledged();
        if taken != self.taken || self.engine.buffered_cost() == 0 {
            self.taken = taken;
            self.taken_at = now;
        }
    }
}

/// A stream that is left this soon did not bring what it should have.
const YOUNG_MS: u64 = 10_000;
