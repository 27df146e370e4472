//! What each message of the server does to a session. It must never drop a message without counting it.

use serde_json::Value;

use super::{Session, Stage};
use crate::close::Ending;
use crate::event::{Done, End, Event};
use crate::operations::{OperationId, later};
use crate::problem::{Problem, sentence};
use crate::received::{Received, Target, read};
use crate::written;

impl Session {
    pub(super) fn take_in(&mut self, now: i64, text: &str) {
        match read(self.settings.generation, text) {
            Received::Ack(payload) => self.acknowledged(now, payload),
            Received::Refusal(payload) => self.refused(&payload),
            Received::Error(_, payload) if self.stage != Stage::Open => self.refused(&payload),
            Received::Next(target, payload) => self.next(now, target, payload),
            Received::Error(target, payload) => self.failed(target, &payload),
            Received::Complete(target) => match self.take(target) {
                Some(id) => self.done(id, Done::Completed),
                None => self.counts.late += 1,
            },
            Received::Ping(payload) => self.pong = Some(written::pong(payload)),
            Received::Alive => {}
            Received::Unknown => self.counts.unknown += 1,
            Received::Unreadable => self.counts.unreadable += 1,
        }
    }

    fn acknowledged(&mut self, now: i64, payload: Option<Value>) {
        if self.stage == Stage::Open {
            self.counts.repeated += 1;
            return;
        }
        self.stage = Stage::Open;
        self.plan_ping(now);
        while let Some((id, message)) = self.waiting.pop_front() {
            self.operations.sent(id, now);
            self.sends.push_back(message);
        }
        self.tell(Event::Acknowledged { payload });
    }

    fn refused(&mut self, payload: &Value) {
        let problems = Problem::read_all(payload);
        let why = format!(
            "the server refused connection_init: {}",
            sentence(&problems)
        );
        // Without a payload nothing was shown that could be renewed.
        let ending = match self.settings.init_payload {
            Some(_) => Ending::Renew,
            None => Ending::Fatal,
        };
        self.ended(End {
            ending,
            why,
            problems,
            close: Some((1000, "")),
        });
    }

    fn next(&mut self, now: i64, target: Target, payload: Value) {
        let Target::Operation(id) = target else {
            self.counts.late += 1;
            return;
        };
        let Some(running) = self.operations.get_mut(id) else {
            self.counts.late += 1;
            return;
        };
        running.answered = true;
        // The result was what mattered; its end gets the same time once more.
        running.deadline = running.timeout_ms.map(|ms| later(now, ms));
        let (data, problems) = match payload {
            Value::Object(mut result) => (
                result.remove("data").unwrap_or(Value::Null),
                Problem::read_all(result.get("errors").unwrap_or(&Value::Null)),
            ),
            _ => (Value::Null, Vec::new()),
        };
        self.tell(Event::Next { id, data, problems });
    }

    fn failed(&mut self, target: Target, payload: &Value) {
        let problems = Problem::read_all(payload);
        match (self.take(target), target) {
            (Some(id), _) => self.done(id, Done::Failed(problems)),
            (None, Target::Operation(id)) if self.operations.was_started(id) => {
                self.counts.late += 1;
            }
            (None, _) => self.tell(Event::Complaint { problems }),
        }
    }

    fn take(&mut self, target: Target) -> Option<OperationId> {
        match target {
            Target::Operation(id) => self.operations.remove(id).map(|_| id),
            Target::Other => None,
        }
    }
}
