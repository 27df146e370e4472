//! How much each transport is used, by the minute.

use std::collections::VecDeque;

use towpath_diagnosis::observation::Transport;
use towpath_reports::Tally;

/// Counts of the minute under way, and of minutes that nobody has taken.
#[derive(Debug)]
pub(super) struct Tallies {
    /// In seconds since 1970-01-01 UTC.
    minute: u64,
    counts: [Tally; ALL.len()],
    /// Attachments that are in use now.
    open: [u64; ALL.len()],
    over: VecDeque<Counted>,
}

/// A minute, a transport, and its counts.
pub(crate) type Counted = (u64, &'static str, Tally);

const ALL: [Transport; 5] = [
    Transport::Plain,
    Transport::Websocket,
    Transport::Stream,
    Transport::Sse,
    Transport::Poll,
];

impl Tallies {
    /// Nothing counted.
    pub(super) fn new(now_ms: u64) -> Self {
        Self {
            minute: minute_of(now_ms),
            counts: [Tally::default(); ALL.len()],
            open: [0; ALL.len()],
            over: VecDeque::new(),
        }
    }

    /// A transport was taken into use: by a session that had used none before, or after another.
    pub(super) fn used(&mut self, transport: Transport, is_first: bool, now_ms: u64) {
        self.turn(now_ms);
        let at = place(transport);
        self.open[at] += 1;
        let counts = &mut self.counts[at];
        counts.used += 1;
        counts.first += u64::from(is_first);
        // A client takes anything else only when a WebSocket has failed it.
        counts.fallback += u64::from(!transport.is_websocket());
        counts.open = counts.open.max(self.open[at]);
    }

    /// A transport that was left is in use again, without having been taken anew.
    pub(super) fn back(&mut self, transport: Transport, now_ms: u64) {
        self.turn(now_ms);
        let at = place(transport);
        self.open[at] += 1;
        self.counts[at].open = self.counts[at].open.max(self.open[at]);
    }

    /// A transport in use was cut, and may be used on.
    pub(super) fn cut(&mut self, transport: Transport, now_ms: u64) {
        self.turn(now_ms);
        self.counts[place(transport)].cut += 1;
    }

    /// A transport is in use no longer.
    pub(super) fn left(&mut self, transport: Transport, now_ms: u64) {
        self.turn(now_ms);
        let open = &mut self.open[place(transport)];
        *open = open.saturating_sub(1);
    }

    /// What was counted: minutes that are over once, the one under way as far as it is.
    pub(super) fn take(&mut self, now_ms: u64) -> Vec<Counted> {
        self.turn(now_ms);
        let mut all: Vec<Counted> = self.over.drain(..).collect();
        all.extend(self.current());
        all
    }

    fn current(&self) -> impl Iterator<Item = Counted> {
        let counted = ALL.iter().zip(self.counts);
        counted
            .filter(|(_, counts)| *counts != Tally::default())
            .map(|(transport, counts)| (self.minute, transport.as_str(), counts))
    }

    fn turn(&mut self, now_ms: u64) {
        let minute = minute_of(now_ms);
        // Who took the time first may come last.
        if minute <= self.minute {
            return;
        }
        let done: Vec<Counted> = self.current().collect();
        self.over.extend(done);
        while self.over.len() > OVER_MAX {
            self.over.pop_front();
        }
        self.minute = minute;
        self.counts = self.open.map(|open| Tally {
            open,
            ..Tally::default()
        });
    }
}

fn place(transport: Transport) -> usize {
    let found = ALL.iter().position(|one| *one == transport);
    found.expect("every transport is in the list")
}

fn minute_of(now_ms: u64) -> u64 {
    now_ms / 60_000 * 60
}

/// Minutes and transports that wait to be taken.
const OVER_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    #[test]
    fn minutes_are_told_until_they_are_over() {
        let mut tallies = Tallies::new(10 * MINUTE);
        tallies.used(Transport::Websocket, true, 10 * MINUTE);
        tallies.used(Transport::Stream, false, 10 * MINUTE + 1);
        let told = tallies.take(10 * MINUTE + 10_000);
        assert_eq!(told, tallies.take(10 * MINUTE + 20_000));
        let stream = Tally {
            used: 1,
            fallback: 1,
            open: 1,
            ..Tally::default()
        };
        assert_eq!(told[1], (600, "stream", stream));
        tallies.cut(Transport::Stream, 11 * MINUTE);
        tallies.left(Transport::Stream, 11 * MINUTE);
        let later = tallies.take(11 * MINUTE + 1);
        assert_eq!(later.len(), 4, "two of the minute before: {later:?}");
        let cut = Tally {
            cut: 1,
            open: 1,
            ..Tally::default()
        };
        assert_eq!(later[3], (660, "stream", cut));
        tallies.back(Transport::Stream, 11 * MINUTE);
        assert_eq!(tallies.open[place(Transport::Stream)], 1);
        tallies.left(Transport::Stream, 11 * MINUTE);
        assert_eq!(tallies.take(12 * MINUTE).len(), 3);
        assert_eq!(tallies.open[place(Transport::Stream)], 0);
    }

    #[test]
    fn a_count_that_comes_late_turns_no_minute_back() {
        let mut tallies = Tallies::new(11 * MINUTE);
        tallies.used(Transport::Poll, true, 11 * MINUTE);
        tallies.used(Transport::Poll, true, 11 * MINUTE - 1);
        let told = tallies.take(11 * MINUTE);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].0, told[0].2.used), (660, 2));
    }

    #[test]
    fn nobody_who_takes_nothing_makes_it_grow() {
        let mut tallies = Tallies::new(0);
        for minute in 0..1000 {
            tallies.used(Transport::Poll, true, minute * MINUTE);
        }
        assert!(tallies.over.len() <= OVER_MAX);
    }
}
