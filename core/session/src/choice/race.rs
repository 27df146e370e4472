//! Races, probes, strikes and waits: what the facts given to a choice lead to.

use super::action::{
    ATTEMPT_MS, Action, EARLY_MS, GRACE_FACTOR, GRACE_MS, PROBE_MAX_MS, PROBE_MS, STAGGER_MS,
    WAIT_MAX_MS, WAITS_FLAT_MS, WAITS_MS,
};
use super::state::{Attempt, Current};
use super::{Choice, Transport};

impl Choice {
    pub(super) fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    fn counts(&self, now: u64) -> bool {
        !self.offline && now >= self.quiet_until
    }

    pub(super) fn rank(&self, transport: Transport) -> usize {
        self.allowed
            .iter()
            .position(|&one| one == transport)
            .unwrap_or(usize::MAX)
    }

    /// Lower is better. One that died early again and again wins only until a sound one is there, and takes no sound one's place.
    pub(super) fn standing(&self, transport: Transport) -> (bool, usize) {
        (self.strikes.of(transport) >= 2, self.rank(transport))
    }

    /// Starts what is to be started for a session without a transport.
    pub(super) fn race(&mut self, now: u64) {
        self.waiting = false;
        self.probe_at = None;
        self.queue = self.order();
        self.queue.retain(|one| {
            !self
                .attempts
                .iter()
                .any(|attempt| attempt.transport == *one)
        });
        self.next_start = now;
        self.start_next(now);
    }

    /// First what worked last, then what is remembered, then the best; twice struck ones at the end.
    fn order(&self) -> Vec<Transport> {
        let good = |one: &Transport| self.strikes.of(*one) < 2;
        let first = self.last.filter(good).or(self.remembered.filter(good));
        let rest = self
            .allowed
            .iter()
            .copied()
            .filter(|&one| Some(one) != first);
        let (good, struck): (Vec<_>, Vec<_>) = rest.partition(good);
        first.into_iter().chain(good).chain(struck).collect()
    }

    /// Starts the next of the queue, and with one that has a strike the one behind it.
    fn start_next(&mut self, now: u64) {
        while !self.queue.is_empty() {
            let transport = self.queue.remove(0);
            let in_use = self.attempts.is_empty();
            self.begin(transport, in_use, false, now);
            self.next_start = now + STAGGER_MS;
            if self.strikes.of(transport) != 1 {
                break;
            }
        }
    }

    pub(super) fn begin(&mut self, transport: Transport, in_use: bool, ping: bool, now: u64) {
        self.attempts.push(Attempt {
            transport,
            in_use,
            started: now,
        });
        self.actions.push(Action::Start {
            transport,
            in_use,
            ping,
        });
    }

    pub(super) fn cancel(&mut self, transport: Transport) {
        self.actions.push(Action::Cancel { transport });
    }

    pub(super) fn win(&mut self, attempt: &Attempt, now: u64) {
        let transport = attempt.transport;
        let rank = self.rank(transport);
        self.queue.clear();
        self.waiting = false;
        if self.last.is_none() {
            self.rounds = 0;
        }
        self.last = Some(transport);
        self.current = Some(Current {
            transport,
            proven: now,
        });
        if !attempt.in_use {
            self.actions.push(Action::Use { transport });
        }
        let standing = self.standing(transport);
        let attempts = std::mem::take(&mut self.attempts).into_iter();
        let (better, worse): (Vec<_>, Vec<_>) =
            attempts.partition(|one| self.standing(one.transport) < standing);
        self.attempts = better;
        for attempt in &mut self.attempts {
            attempt.in_use = false;
        }
        for attempt in worse {
            self.cancel(attempt.transport);
        }
        self.grace_until = now + GRACE_MS.max(GRACE_FACTOR * (now - attempt.started));
        self.probe_at = (rank > 0).then_some(now + self.probe_every);
        self.strikes.settle();
        for (failed, counted) in &mut self.failed {
            if !std::mem::replace(counted, true) {
                self.strikes.add(*failed);
            }
        }
        if self.remembered.is_some_and(|one| rank < self.rank(one)) {
            self.remembered = None;
            self.actions.push(Action::Forget);
        }
        self.remember();
    }

    /// Remembers what is in use if a better one was seen to fail.
    fn remember(&mut self) {
        let Some(transport) = self.current() else {
            return;
        };
        let rank = self.rank(transport);
        let seen = self.failed.iter().any(|&(one, _)| self.rank(one) < rank);
        if seen {
            self.remembered = Some(transport);
            self.actions.push(Action::Remember { transport });
        }
    }

    /// An attempt failed and is no longer in the list.
    pub(super) fn fail(&mut self, transport: Transport, now: u64) {
        if self.counts(now) {
            let won = self.current.is_some();
            self.failed.push((transport, won));
            if won {
                self.strikes.add(transport);
                self.remember();
            }
        }
        if self.current.is_some() {
            return;
        }
        self.go_on(now);
    }

    /// Nothing is in use, and an attempt is gone.
    pub(super) fn go_on(&mut self, now: u64) {
        if !self.queue.is_empty() {
            self.start_next(now);
        } else if self.attempts.is_empty() && !self.waiting {
            // Nothing works: that says nothing about any of them.
            self.failed.clear();
            self.strikes.revoke();
            self.wait_or_race(now);
        }
    }

    pub(super) fn die(&mut self, current: Current, now: u64) {
        self.failed.clear();
        if now >= current.proven + EARLY_MS {
            self.strikes.clear(current.transport);
            if self.rank(current.transport) == 0 {
                self.probe_every = PROBE_MS;
            }
            self.rounds = 0;
        } else {
            // It did work: only rounds in which nothing does wait longer and longer.
            self.rounds = self.rounds.min(WAITS_MS.len() - 1);
            if self.counts(now) {
                self.strikes.add_revocable(current.transport);
                self.failed.push((current.transport, true));
            }
        }
        self.lost_at = now;
        self.probe_at = None;
        self.wait_or_race(now);
    }

    fn wait_or_race(&mut self, now: u64) {
        let round = self.rounds;
        self.rounds += 1;
        self.wait = match WAITS_MS.get(round) {
            Some(&wait) => wait,
            None if now < self.lost_at + WAITS_FLAT_MS => self.wait,
            None => (self.wait * 2).min(WAIT_MAX_MS),
        };
        if self.wait == 0 {
            self.race(now);
        } else {
            self.waiting = true;
            self.actions.push(Action::Wait {
                milliseconds: self.wait,
            });
        }
    }

    pub(super) fn ends(&self, attempt: &Attempt) -> u64 {
        let whole = attempt.started + ATTEMPT_MS;
        match self.current {
            // One that was started after the win is tried for itself.
            Some(current) if attempt.started <= current.proven => whole.min(self.grace_until),
            _ => whole,
        }
    }

    pub(super) fn advance(&mut self, now: u64) {
        while let Some(index) = self.attempts.iter().position(|one| self.ends(one) <= now) {
            let attempt = self.attempts.remove(index);
            self.cancel(attempt.transport);
            self.fail(attempt.transport, now);
        }
        if !self.queue.is_empty() && self.next_start <= now {
            self.start_next(now);
        }
        if self.probe_at.is_some_and(|at| at <= now) {
            self.probe(now);
        }
    }

    /// Tries the better ones again as candidates.
    fn probe(&mut self, now: u64) {
        let Some(current) = self.current else {
            self.probe_at = None;
            return;
        };
        self.probe_at = Some(now + self.probe_every);
        self.probe_every = (self.probe_every * 2).min(PROBE_MAX_MS);
        self.failed.clear();
        let rank = self.rank(current.transport);
        for transport in self.allowed.clone().into_iter().take(rank) {
            if !self.attempts.iter().any(|one| one.transport == transport) {
                self.begin(transport, false, true, now);
            }
        }
    }
}
