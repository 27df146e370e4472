//! What others say. It must never tell what was addressed to this client alone, or to a part of a room.

use super::Session;
use super::room::{OwnSaid, RoomState, Since};
use crate::ctcp::{self, Ctcp};
use crate::event::{Event, Kind, Said};
use crate::format::plain;
use crate::line::{Line, Source};
use crate::time;

/// Pause between two answers to strangers, in milliseconds: whoever asks in a flood must not make this client flood.
const ANSWER_EVERY_MS: i64 = 10_000;

/// How much older than the join a message has to be to be one of the history, in milliseconds: clocks of servers differ.
const OLDER_MS: i64 = 2_000;

impl Session {
    pub(super) fn take_said(&mut self, now: i64, line: &Line, is_notice: bool) {
        let Some(source) = line.source.clone() else {
            return;
        };
        let text = line.param(1);
        let Some(index) = self.room_index(line.param(0)) else {
            if !is_notice && self.is_me(line.param(0)) {
                self.answer(now, &source, text);
            }
            return;
        };
        let (kind, text) = match ctcp::parse(text) {
            Some(Ctcp::Action(text)) => (Kind::Action, text),
            Some(Ctcp::Other(_)) => return,
            None if is_notice => (Kind::Notice, text),
            None => (Kind::Text, text),
        };
        if source.is_server() {
            return;
        }
        let at_ms = line.tag("time").and_then(time::parse);
        let is_past = self.is_past(index, line, at_ms);
        let raw = text;
        let text = plain(text);
        let id = self.identity(index, line, at_ms, &source.name, &text);
        if self.is_our_own(&source, line, is_past) {
            let own = OwnSaid {
                at_ms: at_ms.unwrap_or(now),
                text: raw.to_owned(),
                id,
            };
            return self.heard_ourselves(index, line, is_past, own);
        }
        if text.is_empty() {
            return;
        }
        let said = Said {
            room: self.rooms[index].name.clone(),
            nick: source.name,
            account: line.tag("account").map(str::to_owned),
            kind,
            text,
            at_ms,
            id,
            reply_to: line
                .tag("+draft/reply")
                .or_else(|| line.tag("+reply"))
                .map(str::to_owned),
            replayed: is_past,
        };
        self.tell(index, said);
    }

    /// Whether a message is one of the history. Without a batch its time tells, while the history is on its way only: later an old time
    /// is that of another server whose clock is slow.
    fn is_past(&self, index: usize, line: &Line, at_ms: Option<i64>) -> bool {
        let room = &self.rooms[index];
        let is_old = at_ms.is_some_and(|at| at < room.joined_at - OLDER_MS);
        self.is_history(line) || (is_old && matches!(room.state, RoomState::Reading(_)))
    }

    /// What tells a message from others: the server's own id, else one made of what it tells both times.
    fn identity(
        &mut self,
        index: usize,
        line: &Line,
        at_ms: Option<i64>,
        nick: &str,
        text: &str,
    ) -> Option<String> {
        if let Some(id) = line.tag("msgid").or_else(|| line.tag("draft/msgid")) {
            return Some(id.to_owned());
        }
        let at_ms = at_ms?;
        Some(self.rooms[index].identities.next(at_ms, nick, text))
    }

    /// Whether this client said it. In the history it may have had another of its nicknames.
    fn is_our_own(&self, source: &Source, line: &Line, is_past: bool) -> bool {
        if self.is_me(&source.name) {
            return true;
        }
        if !is_past || !self.names.may_be_ours(&source.name) {
            return false;
        }
        let same_mask = self.mask.as_ref().is_some_and(|(user, host)| {
            source.user.as_deref() == Some(user) && source.host.as_deref() == Some(host)
        });
        let same_account = self.account.is_some() && self.account.as_deref() == line.tag("account");
        same_mask || same_account
    }

    /// This client's own message comes back, live or from the history. One that proves nothing any more is remembered: its proof came too
    /// late, and it will be asked for again.
    fn heard_ourselves(&mut self, index: usize, line: &Line, is_past: bool, own: OwnSaid) {
        if is_past {
            let at_ms = own.at_ms;
            self.rooms[index].said_by_us(own);
            self.note_progress(index, line, at_ms);
        } else if self.echoed(index, line, &own.text).is_none() {
            self.rooms[index].said_by_us(own);
        }
    }

    /// Tells what somebody did, in the right order while the history is on its way.
    pub(super) fn tell(&mut self, index: usize, said: Said) {
        if matches!(self.rooms[index].state, RoomState::Reading(_)) {
            return self.hold(index, said);
        }
        if !said.replayed {
            self.told(index, &said);
            self.events.push_back(Event::Said(said));
        }
    }

    /// Moves the place in the history behind a message that is told.
    pub(super) fn told(&mut self, index: usize, said: &Said) {
        if let Some(at_ms) = said.at_ms {
            self.rooms[index].since = Some(Since {
                at_ms,
                id: said.id.clone(),
            });
        }
    }

    fn answer(&mut self, now: i64, source: &Source, text: &str) {
        let Some(Ctcp::Other(name)) = ctcp::parse(text) else {
            return;
        };
        let is_soon = self
            .answered_at
            .is_some_and(|at| now - at < ANSWER_EVERY_MS);
        if !name.eq_ignore_ascii_case("VERSION") || is_soon || self.settings.version.is_empty() {
            return;
        }
        self.answered_at = Some(now);
        let answer = format!("\x01VERSION {}\x01", self.settings.version);
        self.push("NOTICE", &[&source.name, &answer]);
    }
}
