//! Whether the server is still there. It must never take a silent connection for a living one.

use super::Session;
use crate::ending::Ending;

/// What the server was last heard and asked.
#[derive(Debug)]
pub(super) struct Alive {
    heard_at: i64,
    pinged_at: Option<i64>,
}

impl Alive {
    pub(super) fn new(now: i64) -> Self {
        Self {
            heard_at: now,
            pinged_at: None,
        }
    }

    pub(super) fn heard(&mut self, now: i64) {
        self.heard_at = now;
        self.pinged_at = None;
    }
}

impl Session {
    pub(super) fn tick_alive(&mut self, now: i64) {
        let times = self.settings.times;
        match self.alive.pinged_at {
            Some(at) if now >= at + times.silence_ms => {
                let silent_s = (now - self.alive.heard_at) / 1000;
                self.end(Ending::lost(format!(
                    "the server said nothing for {silent_s} s, not even to a ping"
                )));
            }
            Some(_) => {}
            None if self.is_ready() && now >= self.alive.heard_at + times.ping_after_ms => {
                self.alive.pinged_at = Some(now);
                self.urgent("PING", &["alive"]);
            }
            None => {}
        }
    }

    pub(super) fn alive_deadline(&self) -> Option<i64> {
        let times = self.settings.times;
        match self.alive.pinged_at {
            Some(at) => Some(at + times.silence_ms),
            None => self
                .is_ready()
                .then(|| self.alive.heard_at + times.ping_after_ms),
        }
    }
}
