//! How long to wait before a browser is started after a crash. Pure: the time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// A series of crashes.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    not_before: Option<Instant>,
}

impl Backoff {
    /// Notes an end that nobody asked for. Each of a series doubles the pause, from `min` up to `max`; a browser that
    /// was `steady` before starts a new series.
    pub(super) fn failed(&mut self, now: Instant, steady: bool, min: Duration, max: Duration) {
        if steady {
            self.failures = 0;
        }
        let pause = min.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(now + pause.min(max));
    }

    /// How long the next start has to wait.
    pub(super) fn pause(&self, now: Instant) -> Duration {
        self.not_before.map_or(Duration::ZERO, |not_before| {
            not_before.saturating_duration_since(now)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_begin_anew_after_a_steady_time() {
        let now = Instant::now();
        let (min, max) = (Duration::from_millis(500), Duration::from_secs(30));
        let mut backoff = Backoff::default();
        assert_eq!(backoff.pause(now), Duration::ZERO);
        let mut pause = |steady| {
            backoff.failed(now, steady, min, max);
            backoff.pause(now).as_millis()
        };
        let pauses: Vec<u128> = (0..8).map(|_| pause(false)).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert_eq!(pause(true), 500);
        assert_eq!(backoff.pause(now + max), Duration::ZERO);
    }
}
