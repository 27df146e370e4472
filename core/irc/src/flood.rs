//! How fast lines may leave (RFC 1459 section 8.10). It must never let more through than the server was promised.

use crate::settings::Flood;

/// A clock that runs ahead of the time by what was sent, and may be ahead by a burst only.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    flood: Flood,
    ahead_to: i64,
}

impl Bucket {
    pub(crate) fn new(flood: Flood) -> Self {
        Self {
            flood,
            ahead_to: i64::MIN,
        }
    }

    /// When the next line may leave; not later than `now` where it may at once.
    pub(crate) fn free_at(&self, now: i64) -> i64 {
        let every = i64::from(self.flood.every_ms);
        if every == 0 {
            return now;
        }
        let allowed = every * i64::from(self.flood.burst.max(1)) - every;
        self.ahead_to.saturating_sub(allowed)
    }

    /// A line left that costs a part of a message, in hundredths.
    pub(crate) fn spend(&mut self, now: i64, hundredths: u16) {
        let cost = i64::from(self.flood.every_ms) * i64::from(hundredths) / 100;
        self.ahead_to = self.ahead_to.max(now) + cost;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_leaves_at_once_and_then_one_at_a_time() {
        let mut bucket = Bucket::new(Flood {
            burst: 3,
            every_ms: 2_000,
        });
        let mut left_at = Vec::new();
        let mut now = 1_000;
        while left_at.len() < 6 {
            if bucket.free_at(now) <= now {
                bucket.spend(now, 100);
                left_at.push(now);
            } else {
                now = bucket.free_at(now);
            }
        }
        assert_eq!(left_at, [1_000, 1_000, 1_000, 3_000, 5_000, 7_000]);
    }

    #[test]
    fn a_server_without_a_limit_is_sent_all_at_once() {
        let mut bucket = Bucket::new(Flood {
            burst: 1,
            every_ms: 0,
        });
        for _ in 0..100 {
            assert!(bucket.free_at(5) <= 5);
            bucket.spend(5, 100);
        }
    }
}
