//! What was said before the websocket was open, out of the API's buffer, while what the websocket tells waits for its turn.
//!
//! It must never let a newer message overtake an older one, and never hold back for longer than the buffer has anything older.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::timeout_at;

use crate::http::Lines;

/// How long the buffer may say nothing before it is empty. It gives a message each tenth of a second.
const QUIET: Duration = Duration::from_millis(700);

/// Messages that wait while the buffer is read; then the websocket has to wait.
const HELD_MAX: usize = 10_000;

/// A gap that is being closed.
pub(super) struct Gap {
    lines: Lines,
    held: VecDeque<Value>,
    quiet_at: Instant,
}

/// What comes of the buffer next.
pub(super) enum Step {
    /// A message, older than all that is held.
    Object(Value),
    /// A line that is no message.
    Nothing,
    /// There is nothing older any more.
    Closed,
}

impl Gap {
    pub(super) fn new(lines: Lines) -> Self {
        Self {
            lines,
            held: VecDeque::new(),
            quiet_at: Instant::now() + QUIET,
        }
    }

    /// Nothing is lost where the future is dropped.
    pub(super) async fn next(&mut self) -> Step {
        let line = timeout_at(self.quiet_at.into(), self.lines.next()).await;
        self.quiet_at = Instant::now() + QUIET;
        // A buffer that ends or fails has given what it had; what it still holds is read behind the next loss.
        let Ok(Ok(Some(line))) = line else {
            return Step::Closed;
        };
        match serde_json::from_slice(&line) {
            // What the websocket told too was said since it is open, and so was all that follows.
            Ok(object) if self.held.contains(&object) => Step::Closed,
            Ok(object) => Step::Object(object),
            Err(_) => Step::Nothing,
        }
    }

    /// Whether more may be held.
    pub(super) fn has_room(&self) -> bool {
        self.held.len() < HELD_MAX
    }

    /// Something that the websocket told.
    pub(super) fn hold(&mut self, object: Value) {
        self.held.push_back(object);
    }

    /// What was held, in order.
    pub(super) fn into_held(self) -> VecDeque<Value> {
        self.held
    }
}
