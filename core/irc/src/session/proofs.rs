//! What became of what was said: echo, label, ping, or nothing in time.
//!
//! IRC answers a message only where it refuses it. The proof is therefore one of: the server's echo (`echo-message`), its answer to the
//! message's label (`labeled-response`), or its answer to a ping that was sent behind the message, since a server takes a client's lines
//! in order. It must never take a line that left for a line that arrived.

use super::Session;
use crate::ctcp;
use crate::event::{Event, Proof};
use crate::format::plain;
use crate::line::Line;

/// How long the echo may take once the ping behind the message was answered, in milliseconds: bouncers answer pings themselves.
const ECHO_MS: i64 = 5_000;

/// A message without a proof.
#[derive(Debug)]
pub(super) struct UnderWay {
    pub(super) key: u64,
    pub(super) room: String,
    /// As it stands in the line.
    pub(super) text: String,
    pub(super) left_at: Option<i64>,
    pub(super) label: Option<String>,
    /// The ping behind it.
    pub(super) token: Option<u64>,
    pub(super) ponged_at: Option<i64>,
}

impl Session {
    pub(super) fn has_left(&mut self, now: i64, key: u64) {
        if let Some(under_way) = self
            .under_way
            .iter_mut()
            .find(|under_way| under_way.key == key)
        {
            under_way.left_at = Some(now);
        }
    }

    /// A ping behind everything that left without a label and without a ping.
    pub(super) fn ask_for_proof(&mut self, now: i64) -> Option<String> {
        let unasked = |under_way: &UnderWay| {
            under_way.left_at.is_some() && under_way.label.is_none() && under_way.token.is_none()
        };
        if !self.under_way.iter().any(unasked) {
            return None;
        }
        let token = self.number();
        for under_way in self
            .under_way
            .iter_mut()
            .filter(|under_way| unasked(under_way))
        {
            under_way.token = Some(token);
        }
        self.urgent("PING", &[&format!("sent-{token}")]);
        self.queue.pop(now).map(|(line, _)| line)
    }

    pub(super) fn take_pong(&mut self, now: i64, token: &str) {
        if let Some(token) = token
            .strip_prefix("past-")
            .and_then(|token| token.parse().ok())
        {
            return self.past_is_over(token);
        }
        let Some(token) = token
            .strip_prefix("sent-")
            .and_then(|token| token.parse::<u64>().ok())
        else {
            return;
        };
        let waits_for_echo = self.capabilities.has("echo-message");
        let mut index = 0;
        while index < self.under_way.len() {
            let under_way = &mut self.under_way[index];
            if under_way.token != Some(token) {
                index += 1;
            } else if waits_for_echo {
                under_way.ponged_at = Some(now);
                index += 1;
            } else {
                self.prove(index, Proof::Taken { id: None });
            }
        }
    }

    /// The server shows this client its own message, or what another client of a bouncer said under the same name; which message it
    /// proves is told by its label, else by room and text. `None` where it proves none that is still waited for.
    pub(super) fn echoed(&mut self, room: usize, line: &Line, text: &str) -> Option<()> {
        let id = line.tag("msgid").map(str::to_owned);
        let by_label = self
            .label_of(line)
            .and_then(|label| self.position_of_label(&label));
        let mapping = self.isupport.casemapping;
        let name = &self.rooms[room].name;
        // Some servers take formatting out of what they hand on.
        let text = plain(text);
        let is_it = |under_way: &UnderWay| {
            under_way.left_at.is_some()
                && under_way.label.is_none()
                && mapping.same(&under_way.room, name)
                && plain(ctcp::inner(&under_way.text)) == text
        };
        let index = by_label.or_else(|| self.under_way.iter().position(is_it))?;
        self.prove(index, Proof::Taken { id });
        Some(())
    }

    pub(super) fn take_ack(&mut self, line: &Line) {
        if let Some(label) = self.label_of(line) {
            self.label_answered(&label);
        }
    }

    /// The server is through with a labelled message, and neither showed nor refused it.
    pub(super) fn label_answered(&mut self, label: &str) {
        if let Some(index) = self.position_of_label(label) {
            self.prove(index, unseen());
        }
    }

    pub(super) fn proofs_deadline(&self) -> Option<i64> {
        let proof_ms = self.settings.times.proof_ms;
        let due = |under_way: &UnderWay| {
            let late = under_way.left_at.map(|at| at + proof_ms);
            under_way.ponged_at.map(|at| at + ECHO_MS).or(late)
        };
        self.under_way.iter().filter_map(due).min()
    }

    pub(super) fn tick_proofs(&mut self, now: i64) {
        let proof_ms = self.settings.times.proof_ms;
        let mut index = 0;
        while index < self.under_way.len() {
            let under_way = &self.under_way[index];
            if under_way.ponged_at.is_some_and(|at| now >= at + ECHO_MS) {
                self.prove(index, unseen());
            } else if under_way.left_at.is_some_and(|at| now >= at + proof_ms) {
                self.prove(
                    index,
                    uncertain("the server did not show that it took the message"),
                );
            } else {
                index += 1;
            }
        }
    }

    /// This client is out of a room while messages to it are under way.
    pub(super) fn lost_room(&mut self, room: &str, why: &str) {
        let mut index = 0;
        while index < self.under_way.len() {
            let under_way = &self.under_way[index];
            if under_way.room != room || under_way.left_at.is_some() {
                index += 1;
                continue;
            }
            self.queue.withdraw(under_way.key);
            self.prove(
                index,
                Proof::NotNow {
                    why: why.to_owned(),
                    uncertain: false,
                    after_ms: None,
                },
            );
        }
    }

    pub(super) fn prove_all_at_the_end(&mut self, why: &str) {
        while let Some(under_way) = self.under_way.first() {
            let has_left = under_way.left_at.is_some();
            self.prove(
                0,
                Proof::NotNow {
                    why: why.to_owned(),
                    uncertain: has_left,
                    after_ms: None,
                },
            );
        }
    }

    pub(super) fn prove(&mut self, index: usize, proof: Proof) {
        let under_way = self.under_way.remove(index);
        self.events.push_back(Event::Sent {
            key: under_way.key,
            proof,
        });
    }

    pub(super) fn label_of(&self, line: &Line) -> Option<String> {
        let batch = || line.tag("batch").and_then(|name| self.batches.get(name));
        let label = line.tag("label").map(str::to_owned);
        label.or_else(|| batch().and_then(|batch| batch.label.clone()))
    }

    pub(super) fn position_of_label(&self, label: &str) -> Option<usize> {
        self.under_way
            .iter()
            .position(|under_way| under_way.label.as_deref() == Some(label))
    }
}

fn uncertain(why: &str) -> Proof {
    Proof::NotNow {
        why: why.to_owned(),
        uncertain: true,
        after_ms: None,
    }
}

fn unseen() -> Proof {
    Proof::Never {
        why: "the server took it and showed it to nobody".to_owned(),
    }
}
