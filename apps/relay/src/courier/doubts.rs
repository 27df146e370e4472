//! When to stop telling a piece whose arrival nobody ever shows: a service that swallows one message would hold up all that follow.

use std::time::Duration;

use tokio::time::Instant;

/// How often the outcome of one piece was unknown, in a row.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    of: Option<Doubt>,
}

#[derive(Debug)]
struct Doubt {
    piece: (i64, usize),
    since: Instant,
    times: u32,
}

impl Doubts {
    /// One more of a message's piece.
    pub(super) fn note(&mut self, key: i64, done: usize) {
        self.note_at(key, done, Instant::now());
    }

    fn note_at(&mut self, key: i64, done: usize, now: Instant) {
        let piece = (key, done);
        match &mut self.of {
            Some(doubt) if doubt.piece == piece => doubt.times += 1,
            _ => {
                self.of = Some(Doubt {
                    piece,
                    since: now,
                    times: 1,
                });
            }
        }
    }

    /// Whether that piece was told often enough, for long enough that no short outage explains it.
    pub(super) fn are_enough(&self, key: i64, done: usize) -> bool {
        self.are_enough_at(key, done, Instant::now())
    }

    fn are_enough_at(&self, key: i64, done: usize, now: Instant) -> bool {
        self.of.as_ref().is_some_and(|doubt| {
            doubt.piece == (key, done)
                && doubt.times >= TIMES_MAX
                && now.duration_since(doubt.since) >= LAST_FOR_MIN
        })
    }
}

/// How often a piece is told without proof.
const TIMES_MAX: u32 = 12;

/// For how long at least.
const LAST_FOR_MIN: Duration = Duration::from_mins(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn often_and_long_is_enough() {
        let begin = Instant::now();
        let later = begin + LAST_FOR_MIN;
        let mut doubts = Doubts::default();
        for _ in 0..TIMES_MAX {
            assert!(!doubts.are_enough_at(1, 0, later), "not often enough");
            doubts.note_at(1, 0, begin);
        }
        assert!(!doubts.are_enough_at(1, 0, begin), "not for long");
        assert!(doubts.are_enough_at(1, 0, later));
        assert!(!doubts.are_enough_at(1, 1, later), "another piece");
        doubts.note_at(1, 1, later);
        assert!(!doubts.are_enough_at(1, 0, later), "that one was told");
    }
}
