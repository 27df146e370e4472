//! Which transport to start next while none is proven, and when (protocol section 8).
//!
//! Pure: time is an argument. It must never count a failure against a transport while all of them fail.

use crate::client::Transport;

/// One race: from the loss of a transport, or the session's start, to the first proven one.
#[derive(Debug)]
pub(crate) struct Race {
    order: Vec<Transport>,
    next: usize,
    next_at: u64,
    /// Since when nothing works, in all races up to this one.
    since: u64,
    failed: Vec<Transport>,
}

/// What is known of the transports of one session.
#[derive(Debug)]
pub(crate) struct Standing {
    /// In order of preference, with strikes.
    transports: Vec<(Transport, u8)>,
    /// What won the last race.
    remembered: Option<Transport>,
}

impl Standing {
    pub(crate) fn new(transports: &[Transport]) -> Self {
        Self {
            transports: transports.iter().map(|one| (*one, 0)).collect(),
            remembered: None,
        }
    }

    /// The order for a race: what is remembered first, what struck out last.
    pub(crate) fn order(&self) -> Vec<Transport> {
        let mut order: Vec<_> = self.transports.clone();
        order.sort_by_key(|(transport, strikes)| {
            (*strikes >= STRIKES_OUT, self.remembered != Some(*transport))
        });
        order.into_iter().map(|(transport, _)| transport).collect()
    }

    /// How much a transport is preferred: 0 is the best.
    pub(crate) fn rank(&self, transport: Transport) -> usize {
        let place = self
            .transports
            .iter()
            .position(|(one, _)| *one == transport);
        place.unwrap_or(usize::MAX)
    }

    /// Those better than this one, best first.
    pub(crate) fn better(&self, transport: Transport) -> Vec<Transport> {
        let rank = self.rank(transport).min(self.transports.len());
        self.transports[..rank]
            .iter()
            .map(|(one, _)| *one)
            .collect()
    }

    /// A transport failed while another works, or died young.
    pub(crate) fn strike(&mut self, transport: Transport) {
        if let Some((_, strikes)) = self
            .transports
            .iter_mut()
            .find(|(one, _)| *one == transport)
        {
            *strikes = strikes.saturating_add(1);
        }
    }

    /// A transport was proven while these failed.
    pub(crate) fn won(&mut self, winner: Transport, failed: &[Transport]) {
        for transport in failed {
            self.strike(*transport);
        }
        let rank = self.rank(winner);
        let better_failed = failed.iter().any(|one| self.rank(*one) < rank);
        if rank == 0 {
            self.remembered = None;
        } else if better_failed {
            self.remembered = Some(winner);
        }
    }

    /// A better transport works again: it has no past.
    pub(crate) fn redeemed(&mut self, transport: Transport) {
        for (one, strikes) in &mut self.transports {
            if *one == transport {
                *strikes = 0;
            }
        }
        self.remembered = None;
    }

    fn strikes(&self, transport: Transport) -> u8 {
        let found = self.transports.iter().find(|(one, _)| *one == transport);
        found.map_or(0, |(_, strikes)| *strikes)
    }
}

impl Race {
    /// A race that starts at `now`; nothing has worked since `since`.
    pub(crate) fn new(standing: &Standing, since: u64, now: u64) -> Self {
        Self {
            order: standing.order(),
            next: 0,
            next_at: now,
            since,
            failed: Vec::new(),
        }
    }

    /// Since when nothing works.
    pub(crate) fn since(&self) -> u64 {
        self.since
    }

    /// Those that failed in this race.
    pub(crate) fn failed(&self) -> &[Transport] {
        &self.failed
    }

    /// When [`Self::start`] has something to say next; `None` where all have started.
    pub(crate) fn deadline(&self) -> Option<u64> {
        (self.next < self.order.len()).then_some(self.next_at)
    }

    /// The transport to start now, if one is due; call until `None`.
    pub(crate) fn start(&mut self, standing: &Standing, beat: u64, now: u64) -> Option<Transport> {
        if now < self.next_at {
            return None;
        }
        let transport = *self.order.get(self.next)?;
        self.next += 1;
        // One that failed before gets company at once.
        let wait = if standing.strikes(transport) > 0 {
            0
        } else {
            beat
        };
        self.next_at = now + wait;
        Some(transport)
    }

    /// An attempt failed: the next one starts at once.
    pub(crate) fn attempt_failed(&mut self, transport: Transport, now: u64) {
        self.failed.push(transport);
        self.next_at = now;
    }

    /// Whether every transport was tried.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.next >= self.order.len()
    }
}

/// How long to wait before race number `round` (from 0), `down` ms after the loss; `jitter` is 0 to 255.
pub(crate) fn wait_before(round: u32, down: u64, jitter: u8) -> u64 {
    let wait = match round {
        0 => return 0,
        1 => 100,
        2 => 200,
        _ if down < STEADY_MS => STEADY_WAIT_MS,
        // Doubling by elapsed time needs no count of the steady rounds.
        _ => (STEADY_WAIT_MS * (down / STEADY_MS).next_power_of_two() * 2).min(WAIT_MS_MAX),
    };
    wait + wait * u64::from(jitter) / 1024
}

const STRIKES_OUT: u8 = 2;
const STEADY_MS: u64 = 5_000;
const STEADY_WAIT_MS: u64 = 400;
const WAIT_MS_MAX: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use Transport::{Poll, Sse, Stream, WebSocket};

    #[test]
    fn the_next_starts_a_beat_later_or_at_once_after_a_failure() {
        let standing = Standing::new(&Transport::ALL);
        let mut race = Race::new(&standing, 0, 1_000);
        assert_eq!(race.start(&standing, 200, 1_000), Some(WebSocket));
        assert_eq!(race.start(&standing, 200, 1_199), None);
        assert_eq!(race.start(&standing, 200, 1_200), Some(Stream));
        race.attempt_failed(Stream, 1_250);
        assert_eq!(race.start(&standing, 200, 1_250), Some(Sse));
        assert_eq!(race.deadline(), Some(1_450));
        assert_eq!(race.start(&standing, 200, 1_450), Some(Poll));
        assert_eq!(race.deadline(), None);
        assert!(race.is_exhausted());
    }

    #[test]
    fn strikes_bring_company_and_then_the_last_place() {
        let mut standing = Standing::new(&Transport::ALL);
        standing.strike(WebSocket);
        let mut race = Race::new(&standing, 0, 0);
        assert_eq!(race.start(&standing, 200, 0), Some(WebSocket));
        assert_eq!(race.start(&standing, 200, 0), Some(Stream));
        assert_eq!(race.start(&standing, 200, 0), None);
        standing.strike(WebSocket);
        assert_eq!(standing.order(), [Stream, Sse, Poll, WebSocket]);
        standing.redeemed(WebSocket);
        assert_eq!(standing.order(), Transport::ALL);
    }

    #[test]
    fn only_what_won_over_a_failure_is_remembered() {
        let mut standing = Standing::new(&Transport::ALL);
        standing.won(Poll, &[]);
        assert_eq!(standing.order()[0], WebSocket);
        standing.won(Poll, &[WebSocket]);
        assert_eq!(standing.order(), [Poll, WebSocket, Stream, Sse]);
    }

    #[test]
    fn waits_grow_and_stay_bounded() {
        assert_eq!(wait_before(0, 0, 255), 0);
        assert_eq!(wait_before(1, 10, 0), 100);
        assert_eq!(wait_before(9, 4_999, 0), 400);
        assert_eq!(wait_before(20, 5_000, 0), 800);
        assert_eq!(wait_before(90, 600_000, 0), 10_000);
        assert!(wait_before(90, 600_000, 255) <= 12_500);
    }
}
