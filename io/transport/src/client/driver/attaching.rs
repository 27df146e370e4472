//! From no transport to a proven one, and from a worse one to a better.
//!
//! The rules are the protocol's, section 8. An attachment that is not in use must never carry items.

use towpath_session::Envelope;

use super::Driver;
use crate::client::attachment::{Attachment, Phase};
use crate::client::failure::Failure;
use crate::client::launch::launch;
use crate::client::message::Event;
use crate::client::race::{Race, wait_before};
use crate::client::report::Reporter;
use crate::client::{Transport, random};

/// First wait before better transports are tried again, in ms; doubled up to the second number.
pub(super) const CLIMB_MS: u64 = 60_000;
const CLIMB_MS_MAX: u64 = 3_600_000;
/// A transport that dies within this time of being proven has a strike.
const YOUNG_MS: u64 = 5_000;
/// How long an attempt may go without `attached`.
const ATTEMPT_MS: u64 = 10_000;
/// How long a streaming transport may go without its first pong.
const CHECK_MS: u64 = 2_000;
/// How long better attempts go on behind a won race at least.
const CLIMB_WINDOW_MS: u64 = 2_000;

impl Driver {
    /// Begins a race, unless one is under way.
    pub(super) fn start_race(&mut self, now: u64) {
        let since = self.race.as_ref().map_or(now, Race::since);
        self.next_race_at = None;
        self.climb_at = None;
        self.climb_until = None;
        self.race = Some(Race::new(&self.standing, since, now));
    }

    /// Starts what is due in the race, and the next race behind one that came to nothing.
    pub(super) fn run_race(&mut self, now: u64) {
        if self.next_race_at.is_some_and(|at| at <= now) {
            self.start_race(now);
        }
        let beat = u64::try_from(self.dialer.settings.beat.as_millis()).unwrap_or(u64::MAX);
        while let Some(race) = &mut self.race
            && let Some(transport) = race.start(&self.standing, beat, now)
        {
            let at_once = self.attachments.is_empty();
            self.attach(transport, at_once, false, now);
        }
        if let Some(race) = &self.race
            && race.is_exhausted()
            && self.attachments.is_empty()
            && self.next_race_at.is_none()
        {
            self.round += 1;
            let [jitter] = random();
            let wait = wait_before(self.round, now - race.since(), jitter);
            self.next_race_at = Some(now + wait);
        }
        if self.climb_at.is_some_and(|at| at <= now) {
            self.climb(now);
        }
        if self.climb_until.is_some_and(|at| at <= now) {
            self.climb_until = None;
            let in_use = self.in_use;
            self.attachments
                .retain(|one| Some(one.generation) == in_use);
        }
    }

    /// Starts one attachment.
    pub(super) fn attach(&mut self, transport: Transport, at_once: bool, wanted: bool, now: u64) {
        self.generation += 1;
        let generation = self.generation;
        let first = self.attach_envelope(generation, at_once);
        let reporter = Reporter {
            generation,
            reports: self.reports.clone(),
        };
        self.attachments.push(Attachment {
            transport,
            generation,
            running: launch(&self.dialer, transport, first, reporter),
            phase: Phase::Attaching,
            proof: self.proof.secret(),
            used_at_once: at_once,
            wanted,
            started_at: now,
            last_down: now,
            proven_at: None,
            decoder: towpath_session::Decoder::new(),
            key: [0; 16],
            peer_received: 0,
            peer_window: 0,
            request: 0,
            in_flight: 0,
            barren: 0,
            fruitful: false,
            renew_at: None,
        });
    }

    /// An attachment is proven: the first one wins the race, a better one takes over.
    pub(super) fn proven(&mut self, generation: u64, now: u64) {
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        attachment.proven_at = Some(now);
        let (transport, took) = (attachment.transport, now - attachment.started_at);
        if let Some(race) = self.race.take() {
            self.won(generation, transport, took, &race, now);
            return;
        }
        if self.in_use == Some(generation) {
            return;
        }
        let current = self.in_use.and_then(|current| self.attachment(current));
        let current = current.map(|attachment| attachment.transport);
        let is_better = current
            .is_none_or(|current| self.standing.rank(transport) < self.standing.rank(current));
        if is_better {
            self.standing.redeemed(transport);
            self.use_attachment(generation, now);
            self.plan_climb(transport, now);
        }
    }

    fn won(&mut self, generation: u64, transport: Transport, took: u64, race: &Race, now: u64) {
        self.round = 0;
        self.next_race_at = None;
        self.standing.won(transport, race.failed());
        if self.in_use != Some(generation) {
            self.use_attachment(generation, now);
        }
        let rank = self.standing.rank(transport);
        let standing = &self.standing;
        self.attachments.retain(|one| {
            one.generation == generation || one.wanted || standing.rank(one.transport) < rank
        });
        if self.attachments.len() > 1 {
            self.climb_until = Some(now + CLIMB_WINDOW_MS.max(took * 4));
        }
        self.climb_wait = CLIMB_MS;
        self.plan_climb(transport, now);
        if std::mem::take(&mut self.told_lost) {
            self.tell(Event::Recovered { transport });
        }
    }

    /// Makes an attachment the one in use: the session goes on over it.
    pub(super) fn use_attachment(&mut self, generation: u64, now: u64) {
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
            .retain(|one| Some(one.generation) != before || before == Some(generation));
        self.shared.set_transport(Some(transport));
        if let Err(fault) = self.session.attach(received, credit, now) {
            self.fault(fault);
        }
        self.outbound
            .acknowledged(self.session.outbox().acknowledged());
    }

    /// An attachment is finished, for whatever reason.
    pub(super) fn ended(&mut self, generation: u64, failure: &Failure, now: u64) {
        let Some(place) = self
            .attachments
            .iter()
            .position(|one| one.generation == generation)
        else {
            return;
        };
        let attachment = self.attachments.remove(place);
        let transport = attachment.transport;
        if *failure == Failure::Status(413) {
            self.terms.body_bytes_max = (self.terms.body_bytes_max / 2).max(BODY_BYTES_MIN);
        }
        if let Some(race) = &mut self.race
            && attachment.proven_at.is_none()
        {
            race.attempt_failed(transport, now);
        }
        if self.in_use != Some(generation) {
            return;
        }
        self.in_use = None;
        self.session.detach(now);
        self.shared.set_transport(None);
        if self.over_at.is_some() {
            self.over_at = Some(now);
            return;
        }
        if let Some(proven_at) = attachment.proven_at {
            let is_young = now - proven_at < YOUNG_MS;
            if is_young && *failure != Failure::Killed {
                self.standing.strike(transport);
            }
            self.lost(now);
        }
    }

    /// The transport in use is gone.
    fn lost(&mut self, now: u64) {
        self.shared.lost();
        self.attachments.retain(|one| one.wanted);
        if !std::mem::replace(&mut self.told_lost, true) {
            self.tell(Event::Reconnecting);
        }
        self.round = 0;
        self.start_race(now);
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
            Phase::Attaching => attachment.started_at + ATTEMPT_MS,
            Phase::Checking { since } => since + CHECK_MS,
            Phase::Proven => attachment.last_down + self.terms.heartbeat * 3 / 2,
        }
    }

    /// Tries what is better than the transport in use.
    fn climb(&mut self, now: u64) {
        let current = self.in_use.and_then(|current| self.attachment(current));
        let Some(current) = current.map(|attachment| attachment.transport) else {
            self.climb_at = None;
            return;
        };
        for transport in self.standing.better(current) {
            self.attach(transport, false, false, now);
        }
        self.climb_until = Some(now + ATTEMPT_MS);
        self.climb_wait = (self.climb_wait * 2).min(CLIMB_MS_MAX);
        self.plan_climb(current, now);
    }

    fn plan_climb(&mut self, current: Transport, now: u64) {
        let may_climb = self.standing.rank(current) > 0;
        self.climb_at = may_climb.then_some(now + self.climb_wait);
    }
}

/// Smaller bodies than this would not help with any hop.
const BODY_BYTES_MIN: usize = 4_096;
