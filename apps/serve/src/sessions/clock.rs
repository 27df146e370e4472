//! The time as the session core takes it: milliseconds since this gateway started.

use std::time::Duration;

use tokio::time::Instant;

/// Tells the milliseconds since it was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    start: Instant,
}

impl Clock {
    /// It was zero then.
    pub(super) fn new(start: Instant) -> Self {
        Self { start }
    }

    /// Milliseconds since the start.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The instant of that many milliseconds; never early, since timers and reads both round down.
    pub(super) fn instant(&self, milliseconds: u64) -> Instant {
        self.start + Duration::from_millis(milliseconds.min(FAR_MS))
    }
}

/// As far as timers need to reach.
const FAR_MS: u64 = 10 * 365 * 24 * 3600 * 1000;
