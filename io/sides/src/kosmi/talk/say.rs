//! Saying one piece, and the proof that the room has it. It must never take the server's `ok` for that proof, nor say again what the
//! history shows.

use serde_json::Value;
use tokio::time::Instant;
use towpath_chat::kosmi::{ProblemKind, Variables};
use towpath_chat::{Kind, Message};
use towpath_graphql::OperationId;

use super::history::Purpose;
use super::{Stop, Talk};
use crate::clock::now_unix_ms;
use crate::kosmi::over::{BUSY, Over};
use crate::kosmi::proof::{SKEW_MS, Shown, Wanted, same};
use crate::kosmi::room::Say;
use crate::kosmi::walk::Until;
use crate::order::{Mark, Outcome};

/// How often the server may refuse one piece before it is given up: long enough for a fault that passes, and not for ever, since the
/// pieces behind it wait.
const REFUSED_MAX: u32 = 6;

/// How often the room may not show one piece, without any refusal, before it is given up.
const ABSENT_MAX: u32 = 10;

/// The piece that is being said.
pub(super) struct Saying {
    say: Say,
    stage: Stage,
    /// When it was first tried, in milliseconds since 1970.
    begun_unix_ms: i64,
    /// Where live messages stood when it was said.
    after: u64,
    operation: Option<OperationId>,
    /// Whether the server took it, by its own words.
    ok: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It may have been said before: the history has to be looked into first, from this moment on.
    Unsure { from: Instant },
    /// The history is being looked into.
    Looking,
    /// It was said; it has to come back until then.
    Said { until: Instant },
    /// It was said and did not come back; the history is asked.
    Checking,
}

impl Saying {
    pub(super) fn due_at(&self) -> Option<Instant> {
        match self.stage {
            Stage::Unsure { from } => Some(from),
            Stage::Said { until } => Some(until),
            Stage::Looking | Stage::Checking => None,
        }
    }
}

impl Talk<'_> {
    /// Takes an order.
    pub(super) fn say(&mut self, say: Say) -> Result<(), Stop> {
        let outgoing = &say.sending.outgoing;
        if matches!(outgoing.kind, Kind::Delete { .. }) || outgoing.text.trim().is_empty() {
            say.tell(Outcome::Refused {
                why: "nothing of it can be said in a Kosmi room".to_owned(),
            });
            return Ok(());
        }
        let begun = say.sending.begun_unix_ms;
        self.saying = Some(Saying {
            stage: Stage::Unsure {
                from: Instant::now(),
            },
            begun_unix_ms: begun.unwrap_or_else(now_unix_ms),
            after: 0,
            operation: None,
            ok: false,
            say,
        });
        match begun {
            // The look begins as soon as no other is under way.
            Some(_) if self.has_history() => Ok(()),
            _ => self.speak(),
        }
    }

    /// Says it.
    pub(super) fn speak(&mut self) -> Result<(), Stop> {
        let Some(saying) = &self.saying else {
            return Ok(());
        };
        let outgoing = saying.say.sending.outgoing.clone();
        let variables = Variables {
            body: &outgoing.text,
            reply_to: outgoing.reply_to.as_deref(),
            ..self.in_room()
        };
        let id = self.start(self.shared.settings.profile.send(), &variables, false)?;
        let until = Instant::now() + self.shared.settings.times.echo;
        let after = self.room.proofs.now();
        if let Some(saying) = &mut self.saying {
            saying.stage = Stage::Said { until };
            saying.after = after;
            saying.operation = Some(id);
        }
        Ok(())
    }

    /// An own message came: it may be the proof.
    pub(super) fn echo(&mut self) {
        let Some(saying) = &self.saying else {
            return;
        };
        if matches!(saying.stage, Stage::Unsure { .. } | Stage::Looking) {
            return;
        }
        let text = &saying.say.sending.outgoing.text;
        if let Some(shown) = self.room.proofs.claim(text, saying.after) {
            self.delivered(shown);
        }
    }

    /// Whether this text was said a moment ago and did not come back yet.
    pub(super) fn is_being_said(&self, text: &str) -> bool {
        self.saying.as_ref().is_some_and(|saying| {
            let is_said = matches!(saying.stage, Stage::Said { .. } | Stage::Checking);
            is_said && same(&saying.say.sending.outgoing.text, text)
        })
    }

    /// Looks into the history for it, before it is said or because it did not come back.
    pub(super) fn seek(&mut self) -> Result<(), Stop> {
        let has_history = self.has_history();
        let Some(saying) = &mut self.saying else {
            return Ok(());
        };
        saying.stage = match saying.stage {
            Stage::Unsure { .. } | Stage::Looking => Stage::Looking,
            Stage::Said { .. } | Stage::Checking => Stage::Checking,
        };
        if !has_history {
            return self.sought(&[]);
        }
        let until = Mark {
            id: saying.say.sending.behind.clone(),
            at_unix_ms: saying.begun_unix_ms.saturating_sub(SKEW_MS),
        };
        self.look(Purpose::Seek, Some(Until::mark(until)))
    }

    /// What the history holds, oldest first.
    pub(super) fn sought(&mut self, history: &[Message]) -> Result<(), Stop> {
        let Some(saying) = &self.saying else {
            return Ok(());
        };
        let sending = &saying.say.sending;
        let own = history.iter();
        let own = own.filter(|message| {
            let behind = message.id.is_some() && message.id == sending.behind;
            behind || self.shared.is_own(message.author.id.as_deref())
        });
        let own: Vec<Message> = own.cloned().collect();
        let wanted = Wanted {
            text: &sending.outgoing.text,
            behind: sending.behind.as_deref(),
            begun_unix_ms: saying.begun_unix_ms,
        };
        if let Some(shown) = self.room.proofs.find(&own, wanted) {
            self.delivered(shown);
            return Ok(());
        }
        if matches!(saying.stage, Stage::Unsure { .. } | Stage::Looking) {
            return self.speak();
        }
        if saying.ok
            && let Some(shown) = self.room.proofs.claim_changed(saying.after)
        {
            self.delivered(shown);
            return Ok(());
        }
        let ok = if saying.ok {
            "the server said ok, and "
        } else {
            ""
        };
        let why = format!("{ok}the room does not show what was said");
        self.failed(why.clone(), ABSENT_MAX);
        Err(Over::Retry(format!("{why}, so it is entered anew").into()).into())
    }

    /// The answer to it. An `ok` proves nothing.
    pub(super) fn sent(&mut self, id: OperationId, data: &Value) -> Result<(), Stop> {
        let sent = self.shared.settings.profile.read_sent(data);
        if sent.ok == Some(false) {
            return self.not_taken(id, ProblemKind::Other, "the server answers ok: false");
        }
        if let Some(saying) = self
            .saying
            .as_mut()
            .filter(|saying| saying.operation == Some(id))
        {
            saying.ok = true;
        }
        Ok(())
    }

    /// The server refused it, in these words.
    pub(super) fn not_taken(
        &mut self,
        id: OperationId,
        kind: ProblemKind,
        words: &str,
    ) -> Result<(), Stop> {
        let is_it = |saying: &Saying| saying.operation == Some(id);
        if !self.saying.as_ref().is_some_and(is_it) {
            return Ok(());
        }
        let why = format!("the server refuses what was said: {words}");
        match kind {
            ProblemKind::Busy => {
                self.answer(Outcome::Later {
                    why,
                    uncertain: true,
                    after: Some(BUSY),
                });
                Ok(())
            }
            ProblemKind::Token | ProblemKind::RoomNotFound => {
                self.answer(Outcome::Later {
                    why: why.clone(),
                    uncertain: true,
                    after: None,
                });
                let renew = kind == ProblemKind::Token;
                let over = if renew {
                    Over::Renew(why.into())
                } else {
                    Over::Retry(why.into())
                };
                Err(over.into())
            }
            ProblemKind::Other => {
                self.failed(why, REFUSED_MAX);
                Ok(())
            }
        }
    }

    /// One more failure of this piece; too many refuse it.
    fn failed(&mut self, why: String, failures_max: u32) {
        let Some(saying) = &self.saying else {
            return;
        };
        let id = saying.say.sending.id.clone();
        let before = self.room.failed.take().filter(|(known, _)| *known == id);
        let before = before.map_or(0, |(_, count)| count);
        let count = before + 1;
        if count >= failures_max {
            let why = format!("{why}; that was tried {count} times");
            return self.answer(Outcome::Refused { why });
        }
        self.room.failed = Some((id, count));
        let times = &self.shared.settings.times;
        let after = times
            .backoff_first
            .saturating_mul(4_u32.saturating_pow(before));
        self.answer(Outcome::Later {
            why,
            uncertain: true,
            after: Some(after.min(times.backoff_max)),
        });
    }

    fn delivered(&mut self, shown: Shown) {
        if shown.changed {
            let (side, room) = (&self.shared.settings.name, &self.room.name);
            tracing::info!(side, room, "the room shows what was said with another text");
        }
        self.room.failed = None;
        self.answer(Outcome::Delivered { id: shown.id });
    }

    fn answer(&mut self, outcome: Outcome) {
        if let Some(saying) = self.saying.take() {
            saying.say.tell(outcome);
        }
        // A look for it has nothing to find any more.
        self.look.take_if(|look| look.is_for_proof());
    }

    /// The connection is over: what was said may be there or not.
    pub(super) fn give_up_saying(&mut self) {
        let why = "the connection was lost before the room showed it".to_owned();
        self.answer(Outcome::Later {
            why,
            uncertain: true,
            after: None,
        });
    }
}
