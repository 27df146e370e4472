//! The end: everything is told when the gateway stops, and when each part of it shall.
//!
//! Closes are spread over the time there is, so that all clients do not come back in one moment. It
//! must never end anything itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Whether the gateway goes on, as its parts see it.
#[derive(Debug)]
pub(crate) struct Drain {
    /// The same as `state`, for those who ask at each wake-up.
    draining: AtomicBool,
    state: watch::Sender<Option<Span>>,
}

/// From when to when closes happen.
#[derive(Clone, Copy, Debug)]
struct Span {
    began: Instant,
    length: Duration,
}

impl Drain {
    /// The gateway goes on.
    pub(crate) fn new() -> Self {
        Self {
            draining: AtomicBool::new(false),
            state: watch::Sender::new(None),
        }
    }

    /// Begins to drain; everything shall have ended after `length`. Only the first call counts.
    pub(crate) fn begin(&self, length: Duration) {
        self.draining.store(true, Ordering::Release);
        self.state.send_if_modified(|state| {
            let first = state.is_none();
            state.get_or_insert_with(|| Span {
                began: Instant::now(),
                length,
            });
            first
        });
    }

    /// Whether the gateway drains.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Comes true when the gateway begins to drain.
    pub(crate) async fn begun(&self) {
        self.span().await;
    }

    /// Comes true at this caller's own moment within the time to drain: random, in its first four fifths,
    /// so that a close still has time to be answered.
    pub(crate) async fn turn(&self) {
        let span = self.span().await;
        let mut random = [0; 2];
        getrandom::fill(&mut random).expect("the system has random bytes");
        let share = f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX);
        sleep_until(span.began + span.length.mul_f64(share * CLOSES_WITHIN)).await;
    }

    async fn span(&self) -> Span {
        let mut state = self.state.subscribe();
        match state.wait_for(Option::is_some).await.map(|span| *span) {
            Ok(Some(span)) => span,
            // The sender is `self`, so this cannot be reached; waiting for ever is the safe answer.
            _ => std::future::pending().await,
        }
    }
}

/// The part of the time to drain in which closes begin.
const CLOSES_WITHIN: f64 = 0.8;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_are_spread_over_the_time_there_is() {
        let drain = std::sync::Arc::new(Drain::new());
        let began = Instant::now();
        let turns: Vec<_> = (0..200)
            .map(|_| {
                let drain = drain.clone();
                tokio::spawn(async move {
                    drain.turn().await;
                    began.elapsed()
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(turns.iter().all(|turn| !turn.is_finished()));
        drain.begin(Duration::from_secs(100));
        drain.begin(Duration::from_secs(1));
        let mut waits = Vec::new();
        for turn in turns {
            waits.push(turn.await.unwrap().as_secs() - 5);
        }
        waits.sort_unstable();
        assert!(
            waits[0] < 20 && waits[199] > 60 && waits[199] <= 80,
            "{waits:?}"
        );
    }
}
