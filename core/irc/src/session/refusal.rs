//! What it means that the server does not take a message. It must never throw away what only had to wait.

use super::Session;
use super::proofs::UnderWay;
use crate::event::Proof;
use crate::line::Line;
use crate::numeric;

/// How long a room is left alone that does not let this client speak, in milliseconds.
const SILENCED_MS: i64 = 60_000;

/// How long a target is left alone that is written to too fast.
const TOO_FAST_MS: i64 = 30_000;

/// How often in a row a text may be refused for an unknown reason before it is given up.
const UNKNOWN_MAX: u32 = 5;

/// Words of refusals that are about the text itself.
const ABOUT_THE_TEXT: [&str; 14] = [
    "color",
    "colour",
    "formatting",
    "ctcp",
    "filter",
    "spam",
    "caps",
    "repeat",
    "censor",
    "badword",
    "blocked",
    "notices",
    "too long",
    "control code",
];

/// Words of refusals that are about who speaks, or about the moment.
const ABOUT_US: [&str; 12] = [
    "moderated",
    "(+m",
    "(+b",
    "(+q",
    "(+n",
    "banned",
    "muted",
    "quiet",
    "voice",
    "external",
    "registered",
    "not on",
];

/// Whether a number may answer a message.
pub(super) fn is_about_a_message(code: u16) -> bool {
    matches!(
        code,
        numeric::ERR_NOSUCHNICK
            | numeric::ERR_NOSUCHCHANNEL
            | numeric::ERR_CANNOTSENDTOCHAN
            | numeric::ERR_NORECIPIENT
            | numeric::ERR_NOTEXTTOSEND
            | numeric::ERR_INPUTTOOLONG
            | numeric::ERR_TARGETTOOFAST
            | numeric::ERR_NOTONCHANNEL
            | numeric::ERR_NEEDREGGEDNICK
            | numeric::ERR_CHANOPRIVSNEEDED
    )
}

/// What a refusal means for a message. `times` counts the refusals of this very text in a row, this one included.
pub(super) fn of(code: Option<u16>, words: &str, times: u32) -> Proof {
    let why = match code {
        Some(code) => format!("the server does not take it ({code}: {words})"),
        None => format!("the server does not take it: {words}"),
    };
    let small = words.to_ascii_lowercase();
    let speaks_of = |list: &[&str]| list.iter().any(|word| small.contains(word));
    let later = |after_ms| Proof::NotNow {
        why: why.clone(),
        uncertain: false,
        after_ms: Some(after_ms),
    };
    match code {
        Some(numeric::ERR_NOTEXTTOSEND | numeric::ERR_NORECIPIENT | numeric::ERR_INPUTTOOLONG) => {
            Proof::Never { why }
        }
        Some(numeric::ERR_TARGETTOOFAST) => later(TOO_FAST_MS),
        Some(numeric::ERR_NEEDREGGEDNICK) => later(SILENCED_MS),
        _ if speaks_of(&ABOUT_THE_TEXT) => Proof::Never { why },
        _ if speaks_of(&ABOUT_US) => later(SILENCED_MS),
        _ if times >= UNKNOWN_MAX => Proof::Never { why },
        _ => later(SILENCED_MS),
    }
}

impl Session {
    /// Takes the number of a refused message; `false` where it is another one.
    pub(super) fn take_send_error(&mut self, code: u16, line: &Line) -> bool {
        if !is_about_a_message(code) {
            return false;
        }
        // Own nickname, target, words: without a target there are two.
        let target = (line.params.len() > 2).then(|| line.param(1));
        let found = self.refused_one(line, target);
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
                // Command, code, target, words.
                let target = (line.params.len() > 3).then(|| line.param(2));
                if let Some(index) = self.refused_one(line, target) {
                    self.refuse(index, None, line.last());
                }
            }
            _ => {}
        }
    }

    /// Which message a refusal is about: by its label, else by the room that it names. What names nobody is about the first under way.
    fn refused_one(&self, line: &Line, target: Option<&str>) -> Option<usize> {
        if let Some(label) = self.label_of(line) {
            return self.position_of_label(&label);
        }
        let mapping = self.isupport.casemapping;
        let is_it = |under_way: &UnderWay| {
            let is_named = target.is_none_or(|target| mapping.same(&under_way.room, target));
            under_way.left_at.is_some() && is_named
        };
        self.under_way.iter().position(is_it)
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
        self.prove(index, of(code, words, times));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_wait_is_told_from_what_is_in_vain() {
        let never =
            |code, words, times| matches!(of(Some(code), words, times), Proof::Never { .. });
        assert!(!never(404, "Cannot send to channel (+m)", 99));
        assert!(!never(
            404,
            "You cannot send messages to this channel whilst banned.",
            99
        ));
        assert!(never(404, "Can't send colors to channel (+c)", 1));
        assert!(never(404, "Message was blocked: spam", 1));
        assert!(!never(404, "Cannot send to channel", 4));
        assert!(never(404, "Cannot send to channel", 5));
        assert!(never(417, "Input line was too long", 1));
    }
}
