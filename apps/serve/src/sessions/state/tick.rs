//! What a session does because time has passed: pings, ends of responses, and its own end.

use towpath_diagnosis::observation::AttachmentEnd;
use towpath_session::adapt::Cut;
use towpath_session::limits::CLOSE_ACK_MS;
use towpath_session::{Envelope, Outcome};

use super::{Observed, Phase, State};
use crate::sessions::attachment::Attachment;

/// The bounds that a session keeps by itself, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(in crate::sessions) struct Patience {
    /// How long it outlives its last attachment.
    pub(in crate::sessions) resume_ms: u64,
    /// How long a client may take nothing while items wait.
    pub(in crate::sessions) stalled_ms: u64,
}

impl State {
    /// Does what is due, and gives the time of the next due thing.
    pub(in crate::sessions) fn tick(&mut self, now: u64, patience: Patience) -> u64 {
        self.tick_attachments(now);
        let mut next = self.tick_phase(now, patience);
        if let Some(at) = self.engine.deadline() {
            if at <= now {
                self.wake_downlink(now);
            } else {
                next = next.min(at);
            }
        }
        next.min(self.next_of_attachments())
    }

    fn tick_phase(&mut self, now: u64, patience: Patience) -> u64 {
        let mut next = u64::MAX;
        let mut due = |at: u64| {
            next = next.min(at);
            at <= now
        };
        if self.is_running() {
            if let Some(since) = self.detached_since {
                // Who heard the close and went has no reason to come back.
                let is_told = matches!(self.phase, Phase::Closing(_))
                    && self.engine.outbox().sent() == self.engine.outbox().last();
                if is_told && due(since + CLOSE_ACK_MS) {
                    self.finish();
                } else if due(since + patience.resume_ms) {
                    self.end(Outcome::ContinuityLost, None, now);
                }
            } else if self.engine.buffered_cost() > 0 && due(self.taken_at + patience.stalled_ms) {
                self.end(Outcome::Stalled, None, now);
            }
        }
        if let Phase::Closing(since) = self.phase {
            let is_told = self.detached_since.is_none();
            if self.engine.outbox().is_empty() || (is_told && due(since + CLOSE_ACK_MS)) {
                self.finish();
            }
        }
        match self.phase {
            Phase::Ended(_, at) if due(at + TOLD_MS) => self.retain(now, |_| false),
            // Who has no response open has nothing more to hear.
            Phase::Over => self.retain(now, Attachment::is_reachable),
            _ => {}
        }
        next
    }

    fn tick_attachments(&mut self, now: u64) {
        let in_use = self.acceptance.in_use();
        while let Some(expired) = self.acceptance.expire(now) {
            self.supersede(expired, in_use, now);
        }
        let mut dead = Vec::new();
        for attachment in &mut self.attachments {
            if attachment.lost {
                continue;
            }
            if attachment.dead_at() <= now {
                dead.push(attachment.generation);
                if !attachment.counts.cut {
                    attachment.ends(AttachmentEnd::Silent);
                }
                let cut = Cut {
                    age_ms: now.saturating_sub(attachment.since),
                    // Whatever dropped it did so somewhere within a heartbeat.
                    idle_ms: attachment.profile.heartbeat_ms,
                    bytes: attachment.bytes,
                };
                let observed = Observed::Silent(attachment.network, attachment.transport, cut);
                self.observed.push(observed);
                continue;
            }
            if attachment.ended {
                continue;
            }
            if attachment.response_due().is_some_and(|at| at <= now)
                && let Some(response) = &mut attachment.response
            {
                response.finish = true;
                attachment.wake();
            }
            if attachment.ping_due().is_some_and(|at| at <= now) {
                attachment.told = now;
                attachment.counts.pinged(now);
                attachment.say_padded(Envelope::Ping(&[]));
            }
        }
        for generation in dead {
            self.lose(generation, now);
        }
    }

    fn next_of_attachments(&self) -> u64 {
        let mut next = self.acceptance.deadline().unwrap_or(u64::MAX);
        for attachment in &self.attachments {
            if attachment.lost {
                continue;
            }
            next = next.min(attachment.dead_at());
            if attachment.ended {
                continue;
            }
            for at in [attachment.ping_due(), attachment.response_due()] {
                next = next.min(at.unwrap_or(u64::MAX));
            }
        }
        next
    }
}

/// How long the attachments of an ended session have to be told so.
const TOLD_MS: u64 = 10_000;
