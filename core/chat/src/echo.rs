//! Finds our own words in what others say: another bridge in the same rooms would hand them round for ever.
//!
//! What we said ourselves is known by our user id, and never comes here; what another bridge made of it can be known by its text alone.
//! It must never take for an echo what is only similar: the whole text has to be there, as it was told, with the name of who said it.
//! People quote, bridges repeat: whoever spoke and then let lines pass in silence may quote one.

use std::collections::{HashMap, VecDeque};

use crate::clean::clean;
use crate::message::{Kind, Message};
use crate::outgoing::Outgoing;

/// Remembers what was lately told in the rooms of one link. It is bounded by [`REMEMBERED_MAX`] and [`ECHO_WITHIN_MS`].
#[derive(Debug, Default)]
pub struct LoopGuard {
    told: VecDeque<Told>,
    dropped: u64,
    /// Lines that were told, so far.
    lines: u64,
    /// Lines that nobody can repeat in time any more: as many as were told up to then.
    past: u64,
    /// Who spoke, and the line that has to be past before they are known to be people.
    speakers: HashMap<Origin, u64>,
}

#[derive(Debug)]
struct Told {
    text: String,
    /// The author, where the text does not name it.
    name: Option<String>,
    origin: Origin,
    at_unix_ms: i64,
    /// Its number.
    line: u64,
}

/// Who said something where. People may repeat themselves there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Origin {
    side: String,
    room: String,
    author: String,
}

impl Origin {
    fn of(message: &Message) -> Self {
        let author = message.author.id.as_ref();
        Self {
            side: message.side.clone(),
            room: message.room.clone(),
            author: author.unwrap_or(&message.author.name).clone(),
        }
    }
}

impl LoopGuard {
    /// A guard that remembers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes what was told of a message in a room of the link.
    pub fn delivered(&mut self, outgoing: &Outgoing, of: &Message, now_unix_ms: i64) {
        let text = comparable(&outgoing.text);
        let name = comparable(&outgoing.author.name);
        let name = Some(name).filter(|name| !text.contains(name.as_str()));
        let length = text.chars().count();
        if length < SHORTEST_CHARS || (name.is_some() && length < SHORTEST_APART_CHARS) {
            return;
        }
        self.forget(now_unix_ms);
        if self.told.len() >= REMEMBERED_MAX {
            self.told.pop_front();
        }
        self.lines += 1;
        self.told.push_back(Told {
            line: self.lines,
            text,
            name,
            origin: Origin::of(of),
            at_unix_ms: now_unix_ms,
        });
    }

    /// Whether a message that somebody else wrote in a room of the link holds as a whole what was lately told there, and is no quote by
    /// somebody who is known to be no bridge. It counts those.
    pub fn is_echo(&mut self, message: &Message, now_unix_ms: i64) -> bool {
        if !matches!(message.kind, Kind::Text | Kind::Action | Kind::Notice) {
            return false;
        }
        self.forget(now_unix_ms);
        let text = comparable(&message.text);
        let author = comparable(&message.author.name);
        let names = |name: &String| text.contains(name.as_str()) || author.contains(name.as_str());
        let origin = Origin::of(message);
        let repeated = self.told.iter().filter(|told| {
            text.contains(&told.text)
                && told.name.as_ref().is_none_or(names)
                && told.origin != origin
        });
        // Where names stand apart, a bridge speaks by the name of each author, so that no name tells it from a person.
        let (mut repeats, mut is_apart) = (false, false);
        for told in repeated {
            repeats = true;
            is_apart |= told.name.is_some();
        }
        let may_quote = self.spoke(origin, repeats) && !is_apart;
        let is_echo = repeats && !may_quote;
        self.dropped += u64::from(is_echo);
        is_echo
    }

    /// Notes that somebody speaks. Says whether it is known to be a person: since the first time enough lines passed without being
    /// repeated, where a bridge repeats each. Whoever repeats one has to let many more pass, so that nothing goes round and round.
    fn spoke(&mut self, who: Origin, repeats: bool) -> bool {
        let from = self.speakers.get(&who).copied();
        let passing = match (repeats, from) {
            (true, _) => PASSED_AGAIN_MIN,
            (false, None) => PASSED_MIN,
            (false, Some(_)) => 0,
        };
        if passing > 0 {
            if from.is_none() && self.speakers.len() >= SPEAKERS_MAX {
                self.forget_speaker();
            }
            self.speakers.insert(who, self.lines + passing);
        }
        from.is_some_and(|from| self.past >= from)
    }

    /// Who is furthest from being known is the first to go.
    fn forget_speaker(&mut self) {
        let newest = self.speakers.iter().max_by_key(|(_, from)| **from);
        if let Some(newest) = newest.map(|(who, _)| who.clone()) {
            self.speakers.remove(&newest);
        }
    }

    /// How many echoes were found.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn forget(&mut self, now_unix_ms: i64) {
        let old = |told: &Told| now_unix_ms.saturating_sub(told.at_unix_ms) > ECHO_WITHIN_MS;
        while self.told.front().is_some_and(old) {
            if let Some(told) = self.told.pop_front() {
                self.past = told.line;
            }
        }
    }
}

/// A text without what bridges change on the way: characters that nobody sees, and white space.
fn comparable(text: &str) -> String {
    let seen = |c: &char| {
        !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}')
    };
    let cleaned = clean(text);
    cleaned
        .chars()
        .filter(seen)
        .take(COMPARED_CHARS_MAX)
        .collect()
}

/// Texts that are remembered.
pub const REMEMBERED_MAX: usize = 200;

/// How long an echo may take. Bridges take seconds; people who quote take longer.
pub const ECHO_WITHIN_MS: i64 = 30_000;

/// Lines that have to pass unrepeated before somebody may quote one; and after having repeated one.
const PASSED_MIN: u64 = 3;
const PASSED_AGAIN_MIN: u64 = 20;

/// People of a link who are remembered.
const SPEAKERS_MAX: usize = 1_000;

/// Shorter texts are never echoes: they occur by chance.
const SHORTEST_CHARS: usize = 6;
const SHORTEST_APART_CHARS: usize = 10;

/// How much of a text is compared.
const COMPARED_CHARS_MAX: usize = 1000;

#[cfg(test)]
mod tests;
