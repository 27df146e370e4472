//! Saying something. It must never let a text become more than the one line that carries it.

use super::Session;
use super::proofs::UnderWay;
use super::{Kind, Say};
use crate::CLASSIC_BYTES_MAX;
use crate::ctcp;
use crate::event::{Event, Proof};
use crate::line::write;
use crate::tags;

/// How much earlier than it was noted a message may stand in the history, in milliseconds: its times may be whole seconds, and the
/// server's clock another one.
const EARLIER_MS: i64 = 5_000;

impl Session {
    /// Says something. Its proof is told as [`Event::Sent`].
    pub fn say(&mut self, say: &Say) {
        let key = say.key;
        if let Err(proof) = self.try_say(say) {
            self.events.push_back(Event::Sent { key, proof });
        }
    }

    /// Takes back what has not left yet, and tells nothing of it. Where it has left, its proof still comes.
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
