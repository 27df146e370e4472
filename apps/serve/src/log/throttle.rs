//! Lines that clients can cause are written once a second, however often they happen.
//!
//! The log must not become the way in which somebody fills a disk; the metrics count everything.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// One kind of line.
#[derive(Debug)]
pub(crate) struct Throttle {
    began: Instant,
    /// The second of the last line, counted from 1; 0 before the first.
    second: AtomicU64,
    skipped: AtomicU64,
}

impl Throttle {
    /// Nothing was written yet.
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            second: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
        }
    }

    /// Whether to write the line now, and how many were left out before it.
    pub(crate) fn pass(&self) -> Option<u64> {
        self.pass_at(self.began.elapsed().as_secs() + 1)
    }

    fn pass_at(&self, now: u64) -> Option<u64> {
        if self.second.swap(now, Ordering::Relaxed) == now {
            self.skipped.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(self.skipped.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_second_is_written_and_tells_of_the_others() {
        let throttle = Throttle::new();
        assert_eq!(throttle.pass_at(1), Some(0));
        assert_eq!(throttle.pass_at(1), None);
        assert_eq!(throttle.pass_at(1), None);
        assert_eq!(throttle.pass_at(2), Some(2));
        assert_eq!(throttle.pass_at(9), Some(0));
    }
}
