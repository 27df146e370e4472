//! How long a side waits before it tries again. It must never let many sides come back at the same moment, nor forget a failure because
//! the connection held for a second.

use std::time::{Duration, Instant};

/// Growing waits with jitter.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    stable: Duration,
    failures: u32,
    ready_since: Option<Instant>,
}

impl Backoff {
    /// Waits of about `first`, doubling up to `max`; they begin anew once a connection was in order for `stable`.
    pub fn new(first: Duration, max: Duration, stable: Duration) -> Self {
        Self {
            first,
            max,
            stable,
            failures: 0,
            ready_since: None,
        }
    }

    /// The connection is in order from now on.
    pub fn ready(&mut self, now: Instant) {
        self.ready_since.get_or_insert(now);
    }

    /// The connection is lost, or was not to be had: how long to wait.
    pub fn lost(&mut self, now: Instant) -> Duration {
        let draw = getrandom::u32().unwrap_or(u32::MAX / 2);
        self.lost_by(now, draw)
    }

    /// The same by a drawn number.
    fn lost_by(&mut self, now: Instant, draw: u32) -> Duration {
        let since = self.ready_since.take();
        if since.is_some_and(|since| now.saturating_duration_since(since) >= self.stable) {
            self.failures = 0;
        }
        let doublings = self.failures.min(DOUBLINGS_MAX);
        self.failures = self.failures.saturating_add(1);
        let whole = self.first.saturating_mul(1 << doublings).min(self.max);
        let part = f64::from(draw) / f64::from(u32::MAX);
        whole.mul_f64(0.5 + part / 2.0)
    }
}

/// More would be beyond every cap.
const DOUBLINGS_MAX: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff() -> Backoff {
        Backoff::new(
            Duration::from_secs(1),
            Duration::from_mins(1),
            Duration::from_mins(1),
        )
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        let (mut backoff, now) = (backoff(), Instant::now());
        let waits: Vec<_> = (0..30).map(|_| backoff.lost_by(now, u32::MAX)).collect();
        let seconds: Vec<_> = waits.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(waits[8..].iter().all(|wait| wait.as_secs() == 60));
    }

    #[test]
    fn a_wait_is_drawn_from_its_upper_half() {
        let now = Instant::now();
        assert_eq!(backoff().lost_by(now, 0), Duration::from_millis(500));
        let drawn = backoff().lost(now);
        assert!((500..=1_000).contains(&drawn.as_millis()), "{drawn:?}");
    }

    #[test]
    fn only_a_stable_connection_forgives() {
        let (mut backoff, now) = (backoff(), Instant::now());
        backoff.lost_by(now, 0);
        backoff.ready(now);
        let short = backoff.lost_by(now + Duration::from_secs(59), u32::MAX);
        assert_eq!(short.as_secs(), 2);
        backoff.ready(now);
        let long = backoff.lost_by(now + Duration::from_mins(1), u32::MAX);
        assert_eq!(long.as_secs(), 1);
    }
}
