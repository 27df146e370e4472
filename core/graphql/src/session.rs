//! One session on one WebSocket, from `connection_init` to its end. It must never outlive its WebSocket, nor run an operation twice.

use std::collections::VecDeque;
use std::fmt;

use serde_json::Value;

use crate::close::{Ending, ending, name};
use crate::event::{Counts, Done, End, Event};
use crate::generation::Generation;
use crate::limits::{
    EVENTS_MAX, MESSAGE_BYTES_MAX, OPERATION_BYTES_MAX, OPERATIONS_MAX, PROBLEM_CHARS_MAX,
    SENDS_MAX,
};
use crate::operations::{Operation, OperationId, Operations, later};
use crate::problem::bounded;
use crate::written;

/// How a session is held.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// What the WebSocket's subprotocol selected.
    pub generation: Generation,
    /// The payload of `connection_init`; it may hold a token, so it is left out of `Debug`.
    pub init_payload: Option<Value>,
    /// How long the acknowledgement may take. Some servers refuse without a word, so it must be bounded.
    pub ack_timeout_ms: u64,
    /// How often to send a `ping` message; the older generation has none.
    pub ping_every_ms: Option<u64>,
    /// How long the server may say nothing at all before the session is taken for dead. Pings, or operations now and then, keep a good
    /// server talking.
    pub silence_max_ms: Option<u64>,
}

/// Why an operation was not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The session has ended.
    #[error("the session is over")]
    Over,
    /// [`OPERATIONS_MAX`] are under way, or [`SENDS_MAX`] messages wait to be sent.
    #[error("too many operations are under way")]
    TooMany,
    /// It is longer than [`OPERATION_BYTES_MAX`].
    #[error("the operation is longer than {OPERATION_BYTES_MAX} bytes")]
    TooLong,
}

/// A session. Times are milliseconds since 1970 and should not step back; a driver best adds what has passed to its start.
pub struct Session {
    settings: Settings,
    stage: Stage,
    operations: Operations,
    sends: VecDeque<String>,
    events: VecDeque<Event>,
    /// Operations that wait for the acknowledgement, written already.
    waiting: VecDeque<(OperationId, String)>,
    /// A pong that is due; a newer one replaces it, so a flood of pings costs nothing.
    pong: Option<String>,
    ping_at: Option<i64>,
    heard_at: i64,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// `connection_init` is out; the acknowledgement is due then.
    Opening {
        until: i64,
    },
    Open,
    Over,
}

impl Session {
    /// A session on a WebSocket that has just opened. The first message to send is `connection_init`.
    pub fn new(settings: Settings, now_unix_ms: i64) -> Self {
        let init = written::init(settings.init_payload.as_ref());
        Self {
            stage: Stage::Opening {
                until: later(now_unix_ms, settings.ack_timeout_ms),
            },
            operations: Operations::default(),
            sends: VecDeque::from([init]),
            events: VecDeque::new(),
            waiting: VecDeque::new(),
            pong: None,
            ping_at: None,
            heard_at: now_unix_ms,
            counts: Counts::default(),
            settings,
        }
    }

    /// Starts an operation; before the acknowledgement it waits for that. With a timeout it is one that has a single result: where none
    /// comes in time after it was sent it is [`Done::TimedOut`], and where the server never completes it after the result it is
    /// completed then all the same. A subscription has none.
    pub fn start(
        &mut self,
        now_unix_ms: i64,
        operation: &Operation,
        timeout_ms: Option<u64>,
    ) -> Result<OperationId, Error> {
        if self.stage == Stage::Over {
            return Err(Error::Over);
        }
        if self.operations.len() >= OPERATIONS_MAX || self.sends.len() >= SENDS_MAX {
            return Err(Error::TooMany);
        }
        let id = self.operations.add(timeout_ms);
        let message = written::start(self.settings.generation, id, operation);
        if message.len() > OPERATION_BYTES_MAX {
            self.operations.remove(id);
            return Err(Error::TooLong);
        }
        if self.stage == Stage::Open {
            self.operations.sent(id, now_unix_ms);
            self.sends.push_back(message);
        } else {
            self.waiting.push_back((id, message));
        }
        Ok(id)
    }

    /// Ends an operation; nothing more is told of it, not even what came before and was not read yet.
    pub fn stop(&mut self, id: OperationId) {
        if self.operations.remove(id).is_some() {
            self.write_stop(id);
        }
        self.events.retain(|event| event.operation() != Some(id));
    }

    /// Ends the session. What [`Session::poll_send`] still gives is to be sent, and then the WebSocket closed with 1000.
    pub fn end(&mut self) {
        if self.stage == Stage::Over {
            return;
        }
        self.over();
        if self.settings.generation == Generation::Legacy {
            self.sends.push_back(written::terminate());
        }
    }

    /// Takes a text message of the server.
    pub fn receive(&mut self, now_unix_ms: i64, text: &str) {
        self.heard(now_unix_ms);
        if self.stage == Stage::Over {
            return;
        }
        if text.len() > MESSAGE_BYTES_MAX {
            let why = format!("the server sent a message of {} bytes", text.len());
            return self.give_up(Ending::RetrySlowly, why, (1009, "message too big"));
        }
        self.take_in(now_unix_ms, text);
    }

    /// Notes a sign of life that is no message: a control frame.
    pub fn heard(&mut self, now_unix_ms: i64) {
        self.heard_at = self.heard_at.max(now_unix_ms);
    }

    /// Notes that the WebSocket was closed by the server (code 1005 without one), or was lost (1006).
    pub fn closed(&mut self, code: u16, reason: &str) {
        let mut why = match name(code) {
            Some(name) => format!("the server closed the WebSocket with {code} ({name})"),
            None => format!("the server closed the WebSocket with {code}"),
        };
        if code == 1006 {
            "the WebSocket was lost without a close (1006)".clone_into(&mut why);
        }
        let reason = bounded(reason, PROBLEM_CHARS_MAX);
        if !reason.is_empty() {
            why = format!("{why}: {reason}");
        }
        let ending = ending(self.settings.generation, code, &reason);
        self.ended(End {
            ending,
            why,
            problems: Vec::new(),
            close: None,
        });
    }

    /// Acts on what is due. Calling it too early or too often does no harm.
    pub fn tick(&mut self, now_unix_ms: i64) {
        if let Stage::Opening { until } = self.stage
            && until <= now_unix_ms
        {
            let why = format!(
                "the server did not acknowledge connection_init within {} ms",
                self.settings.ack_timeout_ms
            );
            return self.give_up(
                Ending::Retry,
                why,
                (4504, "connection acknowledgement timeout"),
            );
        }
        if self.silent_at().is_some_and(|at| at <= now_unix_ms) {
            let silence = now_unix_ms.saturating_sub(self.heard_at);
            let why = format!("the server has said nothing for {silence} ms");
            return self.give_up(Ending::Retry, why, (1000, ""));
        }
        for (id, answered) in self.operations.overdue(now_unix_ms) {
            self.write_stop(id);
            self.done(
                id,
                if answered {
                    Done::Completed
                } else {
                    Done::TimedOut
                },
            );
        }
        if self.ping_at.is_some_and(|at| at <= now_unix_ms) {
            self.sends.push_back(written::ping());
            self.plan_ping(now_unix_ms);
        }
    }

    /// When [`Session::tick`] is next needed; none when the session is over or nothing has a deadline.
    pub fn next_deadline(&self) -> Option<i64> {
        let opening = match self.stage {
            Stage::Opening { until } => Some(until),
            Stage::Open => None,
            Stage::Over => return None,
        };
        [
            opening,
            self.silent_at(),
            self.operations.next_deadline(),
            self.ping_at,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The next text message to send.
    pub fn poll_send(&mut self) -> Option<String> {
        self.pong.take().or_else(|| self.sends.pop_front())
    }

    /// The next event, in order. A driver reads until there is none.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether the server has acknowledged, and the session is not over.
    pub fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// Whether the session is over.
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// What was tolerated so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    fn done(&mut self, id: OperationId, done: Done) {
        self.tell(Event::Done { id, done });
    }

    fn write_stop(&mut self, id: OperationId) {
        if let Some(place) = self.waiting.iter().position(|(other, _)| *other == id) {
            // The server has never heard of it.
            self.waiting.remove(place);
        } else {
            self.sends
                .push_back(written::stop(self.settings.generation, id));
        }
    }

    fn plan_ping(&mut self, now: i64) {
        self.ping_at = match self.settings.generation {
            Generation::TransportWs => self.settings.ping_every_ms.map(|ms| later(now, ms.max(1))),
            Generation::Legacy => None,
        };
    }

    fn silent_at(&self) -> Option<i64> {
        self.settings
            .silence_max_ms
            .map(|ms| later(self.heard_at, ms))
    }

    fn tell(&mut self, event: Event) {
        if self.events.len() < EVENTS_MAX {
            self.events.push_back(event);
        } else {
            let why = "more events are waiting than may wait".to_owned();
            self.give_up(Ending::Retry, why, (1000, ""));
        }
    }

    fn give_up(&mut self, ending: Ending, why: String, close: (u16, &'static str)) {
        self.ended(End {
            ending,
            why,
            problems: Vec::new(),
            close: Some(close),
        });
    }

    fn ended(&mut self, end: End) {
        if self.stage != Stage::Over {
            self.over();
            self.events.push_back(Event::Ended(end));
        }
    }

    fn over(&mut self) {
        self.stage = Stage::Over;
        self.operations.clear();
        self.waiting.clear();
        self.sends.clear();
        self.pong = None;
        self.ping_at = None;
    }
}

// What was not sent yet may hold the token, so neither shows messages.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("generation", &self.generation)
            .field("ack_timeout_ms", &self.ack_timeout_ms)
            .field("ping_every_ms", &self.ping_every_ms)
            .field("silence_max_ms", &self.silence_max_ms)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("settings", &self.settings)
            .field("stage", &self.stage)
            .field("operations", &self.operations)
            .field("sends", &self.sends.len())
            .field("events", &self.events.len())
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

mod take_in;
#[cfg(test)]
mod tests;
