//! Connections that wait for the next request. It must never keep more than a few, nor for long: the longer one waits, the likelier a
//! server ends it just when it is used, and then nobody knows whether the request arrived.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::line::{Line, Server};

/// Most connections that are kept.
const IDLE_MAX: usize = 4;

/// How long a connection is kept. Longer saves handshakes; shorter than what servers allow avoids requests of unknown fate.
const IDLE_KEPT: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct Idle {
    kept: Mutex<Vec<(Server, Line, Instant)>>,
}

impl Idle {
    /// A connection to a server, if one waits.
    pub(super) fn take(&self, server: &Server) -> Option<Line> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        kept.retain(|(_, line, since)| line.is_open() && now.duration_since(*since) < IDLE_KEPT);
        let place = kept.iter().rposition(|(known, _, _)| known == server)?;
        Some(kept.swap_remove(place).1)
    }

    /// How many connections wait whose end was not seen.
    #[cfg(test)]
    pub(super) fn open(&self) -> usize {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().filter(|(_, line, _)| line.is_open()).count()
    }

    /// Keeps a connection; the oldest goes where there are too many.
    pub(super) fn put(&self, server: Server, line: Line) {
        if !line.is_open() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= IDLE_MAX {
            kept.remove(0);
        }
        kept.push((server, line, Instant::now()));
    }
}
