//! Saying something, and finding out what came of it.
//!
//! IRC answers a message only where it refuses it. The proof is therefore one of: the server's echo (`echo-message`), its answer to the
//! message's label (`labeled-response`), or its answer to a ping that was sent behind the message, since a server takes a client's lines
//! in order. It must never take a line that left for a line that arrived.

use super::Session;
use super::refusal;
use super::{Kind, Say};
use crate::CLASSIC_BYTES_MAX;
use crate::ctcp;
use crate::event::{Event, Proof};
use crate::format::plain;
use crate::line::{Line, write};
use crate::tags;

/// How long the echo may take once the ping behind the message was answered, in milliseconds: bouncers answer pings themselves.
const ECHO_MS: i64 = 5_000;

/// How much earlier than it was noted a message may stand in the history, in milliseconds: its times may be whole seconds, and the
/// server's clock another one.
const EARLIER_MS: i64 = 5_000;

/// A message without a proof.
#[derive(Debug)]
pub(super) struct UnderWay {
    key: u64,
    room: String,
    /// As it stands in the line.
    text: String,
    left_at: Option<i64>,
    label: Option<String>,
    /// The ping behind it.
    token: Option<u64>,
    ponged_at: Option<i64>,
}

impl Session {
    /// Says something. Its proof is told as [`Event::Sent`].
    pub fn say(&mut self, say: &Say) {
        let key = say.key;
        if let Err(proof) = self.try_say(say) {
            self.events.push_back(Event::Sent { key, proof });
        }
    }

    /// Takes back what has not left yet. Where it has, its proof still comes.
    pub fn withdraw(&mut self, key: u64) -> bool {
        let withdrawn = self.queue.withdraw(key);
        if withdrawn {
            self.under_way.retain(|under_way| under_way.key != key);
        }
        withdrawn
    }

    fn try_say(&mut self, say: &Say) -> Result<(), Proof> {
        let not_in = |why: &str| Proof::NotNow {
            why: why.to_owned(),
            uncertain: false,
            after_ms: None,
        };
        if self.is_over() {
            return Err(not_in("the connection is gone"));
        }
        let index = self
            .room_index(&say.room)
            .filter(|&index| self.rooms[index].is_in());
        let index = index.ok_or_else(|| not_in("not in the room"))?;
        let text = one_line(&say.text);
        if text.is_empty() {
            return Err(Proof::Never {
                why: "there is nothing to say".to_owned(),
            });
        }
        let text = if say.kind == Kind::Action {
            ctcp::action(&text)
        } else {
            text
        };
        if let Some(begun_ms) = say.begun_ms {
            let bare = ctcp::inner(&text).to_owned();
            if let Some(own) =
                self.rooms[index].take_own(&bare, begun_ms - EARLIER_MS, say.behind.as_deref())
            {
                return Err(Proof::Taken { id: own.id });
            }
        }
        let room = self.rooms[index].name.clone();
        let command = if say.kind == Kind::Notice {
            "NOTICE"
        } else {
            "PRIVMSG"
        };
        let line = write(command, &[&room, &text]).map_err(|error| Proof::Never {
            why: error.to_string(),
        })?;
        if line.len() + 2 > CLASSIC_BYTES_MAX {
            return Err(Proof::Never {
                why: format!(
                    "it has {} bytes with its command, and a line holds {CLASSIC_BYTES_MAX}",
                    line.len() + 2
                ),
            });
        }
        let label = self
            .capabilities
            .labels()
            .then(|| format!("t{}", self.number()));
        let tags = self.tags(label.as_deref(), say.reply_to.as_deref());
        self.queue.push(tags + &line, Some(say.key));
        self.under_way.push(UnderWay {
            key: say.key,
            room,
            text,
            left_at: None,
            label,
            token: None,
            ponged_at: None,
        });
        Ok(())
    }

    fn tags(&self, label: Option<&str>, reply_to: Option<&str>) -> String {
        let label = label.map(|label| format!("label={label}"));
        let may_tag = self.capabilities.has("message-tags");
        let reply = reply_to
            .filter(|id| may_tag && !id.is_empty())
            .map(|id| format!("+draft/reply={}", tags::escape(id)));
        match label
            .into_iter()
            .chain(reply)
            .reduce(|all, tag| format!("{all};{tag}"))
        {
            Some(tags) => format!("@{tags} "),
            None => String::new(),
        }
    }

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

    /// Takes the number of a refused message; `false` where it is another one.
    pub(super) fn take_send_error(&mut self, code: u16, line: &Line) -> bool {
        if !refusal::is_about_a_message(code) {
            return false;
        }
        let found = self.refused_one(line, line.param(1));
        if let Some(index) = found {
            self.refuse(index, Some(code), line.last());
        }
        found.is_some()
    }

    /// Takes a standard reply: `FAIL command code context :words`.
    pub(super) fn take_fail(&mut self, line: &Line) {
        match line.param(0).to_ascii_uppercase().as_str() {
            "CHATHISTORY" => {
                let rooms: Vec<String> = line.params.iter().skip(2).cloned().collect();
                for room in rooms {
                    self.history_refused(&room, line.last());
                }
            }
            "PRIVMSG" | "NOTICE" | "*" => {
                let target = line.params.get(2).map_or("", String::as_str);
                if let Some(index) = self.refused_one(line, target) {
                    self.refuse(index, None, line.last());
                }
            }
            _ => {}
        }
    }

    /// Which message a refusal is about: by its label, else by the room that it names, else the first under way.
    fn refused_one(&self, line: &Line, target: &str) -> Option<usize> {
        if let Some(label) = self.label_of(line) {
            return self.position_of_label(&label);
        }
        let mapping = self.isupport.casemapping;
        let names_a_room = target.starts_with(|c| self.isupport.chantypes.contains(c));
        self.under_way.iter().position(|under_way| {
            under_way.left_at.is_some() && (!names_a_room || mapping.same(&under_way.room, target))
        })
    }

    fn refuse(&mut self, index: usize, code: Option<u16>, words: &str) {
        let (room, text) = (&self.under_way[index].room, &self.under_way[index].text);
        let mut times = 1;
        if let Some(room) = self.room_index(room) {
            let refused = &mut self.rooms[room].refused;
            if refused.0 != *text {
                *refused = (text.clone(), 0);
            }
            refused.1 += 1;
            times = refused.1;
        }
        self.prove(index, refusal::of(code, words, times));
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

    fn prove(&mut self, index: usize, proof: Proof) {
        let under_way = self.under_way.remove(index);
        self.events.push_back(Event::Sent {
            key: under_way.key,
            proof,
        });
    }

    fn label_of(&self, line: &Line) -> Option<String> {
        let batch = || line.tag("batch").and_then(|name| self.batches.get(name));
        let label = line.tag("label").map(str::to_owned);
        label.or_else(|| batch().and_then(|batch| batch.label.clone()))
    }

    fn position_of_label(&self, label: &str) -> Option<usize> {
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

/// A text as one line: what would end the line or begin a command of clients becomes a blank or nothing.
fn one_line(text: &str) -> String {
    let clean: String = text
        .chars()
        .filter(|&c| c != '\0' && c != '\x01')
        .map(|c| if c == '\r' || c == '\n' { ' ' } else { c })
        .collect();
    clean.trim_end().to_owned()
}
