//! Which transport a client tries next, moves up to and remembers: the protocol, section 8, as a state machine. Facts with
//! the time go in, actions come out. It never connects anything, stores anything or draws a random number.

mod action;
mod race;
mod state;
#[cfg(test)]
mod tests;
mod transport;

pub use action::*;
pub use transport::{TRANSPORTS, Transport};

use state::{Attempt, Current, Strikes};

/// The choice of one session.
#[derive(Debug)]
pub struct Choice {
    /// Best first.
    allowed: Vec<Transport>,
    remembered: Option<Transport>,
    /// What worked last in this session.
    last: Option<Transport>,
    strikes: Strikes,
    current: Option<Current>,
    attempts: Vec<Attempt>,
    /// To be started in this race, first one first.
    queue: Vec<Transport>,
    next_start: u64,
    /// Seen to fail in this race, and whether it has its strike.
    failed: Vec<(Transport, bool)>,
    grace_until: u64,
    waiting: bool,
    rounds: usize,
    wait: u64,
    lost_at: u64,
    probe_at: Option<u64>,
    probe_every: u64,
    offline: bool,
    quiet_until: u64,
    actions: Vec<Action>,
}

impl Choice {
    /// A choice among `allowed`, in their order, with what was remembered for this origin.
    pub fn new(allowed: &[Transport], remembered: Option<Transport>) -> Self {
        Self {
            allowed: allowed.to_vec(),
            remembered: remembered.filter(|one| allowed.contains(one)),
            last: None,
            strikes: Strikes::default(),
            current: None,
            attempts: Vec::new(),
            queue: Vec::new(),
            next_start: 0,
            failed: Vec::new(),
            grace_until: 0,
            waiting: false,
            rounds: 0,
            wait: 0,
            lost_at: 0,
            probe_at: None,
            probe_every: PROBE_MS,
            offline: false,
            quiet_until: 0,
            actions: Vec::new(),
        }
    }

    /// The session begins.
    pub fn start(&mut self, now: u64) -> Vec<Action> {
        self.lost_at = now;
        self.rounds = 1;
        self.race(now);
        self.take()
    }

    /// An attempt is proven.
    pub fn proven(&mut self, transport: Transport, now: u64) -> Vec<Action> {
        if let Some(index) = self
            .attempts
            .iter()
            .position(|one| one.transport == transport)
        {
            let attempt = self.attempts.remove(index);
            self.win(&attempt, now);
        }
        self.take()
    }

    /// An attempt failed before it was proven, or the transport in use died.
    pub fn failed(&mut self, transport: Transport, now: u64) -> Vec<Action> {
        if let Some(index) = self
            .attempts
            .iter()
            .position(|one| one.transport == transport)
        {
            self.attempts.remove(index);
            self.fail(transport, now);
        } else if let Some(current) = self.current.filter(|one| one.transport == transport) {
            self.current = None;
            self.die(current, now);
        }
        self.take()
    }

    /// An attempt was overtaken: it got `superseded`, or was attached with a generation below the one in use. That is an
    /// answer and no failure; a better one than the one in use is tried again.
    pub fn superseded(&mut self, transport: Transport, now: u64) -> Vec<Action> {
        if let Some(index) = self
            .attempts
            .iter()
            .position(|one| one.transport == transport)
        {
            self.attempts.remove(index);
            match self.current() {
                Some(current) if self.standing(transport) < self.standing(current) => {
                    self.begin(transport, false, true, now);
                }
                Some(_) => {}
                None => self.go_on(now),
            }
        }
        self.take()
    }

    /// The wait is over, or there is reason to try at once.
    pub fn retry(&mut self, now: u64) -> Vec<Action> {
        if self.waiting {
            self.race(now);
        }
        self.take()
    }

    /// The browser says that there is no network, or that there is one again.
    pub fn online(&mut self, online: bool, now: u64) -> Vec<Action> {
        self.offline = !online;
        if online {
            return self.retry(now);
        }
        Vec::new()
    }

    /// The device woke up.
    pub fn woke(&mut self, now: u64) -> Vec<Action> {
        self.quiet_until = now + SLEEP_MS;
        self.retry(now)
    }

    /// Another network: what was seen before says nothing about it.
    pub fn network_changed(&mut self, now: u64) -> Vec<Action> {
        self.strikes = Strikes::default();
        self.probe_every = PROBE_MS;
        if self.probe_at.is_some() {
            self.probe_at = Some(now);
        }
        if self.waiting {
            self.race(now);
        }
        self.advance(now);
        self.take()
    }

    /// Time has passed; call at [`Choice::deadline`].
    pub fn tick(&mut self, now: u64) -> Vec<Action> {
        self.advance(now);
        self.take()
    }

    /// The session is over.
    pub fn stop(&mut self) -> Vec<Action> {
        self.waiting = false;
        self.probe_at = None;
        self.queue.clear();
        for attempt in std::mem::take(&mut self.attempts) {
            self.cancel(attempt.transport);
        }
        if let Some(current) = self.current.take() {
            self.cancel(current.transport);
        }
        self.take()
    }

    /// When to call [`Choice::tick`] if nothing happens before.
    pub fn deadline(&self) -> Option<u64> {
        let start = (!self.queue.is_empty()).then_some(self.next_start);
        let attempts = self.attempts.iter().map(|one| self.ends(one));
        attempts.chain(start).chain(self.probe_at).min()
    }

    /// The transport in use.
    pub fn current(&self) -> Option<Transport> {
        self.current.map(|one| one.transport)
    }
}
