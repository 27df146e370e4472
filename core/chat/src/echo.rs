//! Finds our own words in what others say: another bridge in the same rooms would hand them round for ever.
//!
//! It must never take for an echo what is only similar: the whole text has to be there, as it was told, with the name of who said it.

use std::collections::VecDeque;

use crate::clean::clean;
use crate::message::{Kind, Message};
use crate::outgoing::Outgoing;

/// Remembers what was lately told in the rooms of one link. It is bounded by [`REMEMBERED_MAX`] and [`ECHO_WITHIN_MS`].
#[derive(Debug, Default)]
pub struct LoopGuard {
    told: VecDeque<Told>,
    dropped: u64,
}

#[derive(Debug)]
struct Told {
    text: String,
    /// The author, where the text does not name it.
    name: Option<String>,
    origin: Origin,
    at_unix_ms: i64,
}

/// Who said something where. People may repeat themselves there.
#[derive(Debug, PartialEq, Eq)]
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
        self.told.push_back(Told {
            text,
            name,
            origin: Origin::of(of),
            at_unix_ms: now_unix_ms,
        });
    }

    /// Whether a message that somebody else wrote in a room of the link holds as a whole what was lately told there. It counts those.
    pub fn is_echo(&mut self, message: &Message, now_unix_ms: i64) -> bool {
        if !matches!(message.kind, Kind::Text | Kind::Action | Kind::Notice) {
            return false;
        }
        self.forget(now_unix_ms);
        let text = comparable(&message.text);
        let author = comparable(&message.author.name);
        let names = |name: &String| text.contains(name.as_str()) || author.contains(name.as_str());
        let origin = Origin::of(message);
        let is_echo = self.told.iter().any(|told| {
            text.contains(&told.text)
                && told.name.as_ref().is_none_or(names)
                && told.origin != origin
        });
        self.dropped += u64::from(is_echo);
        is_echo
    }

    /// How many echoes were found.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn forget(&mut self, now_unix_ms: i64) {
        let old = |told: &Told| now_unix_ms.saturating_sub(told.at_unix_ms) > ECHO_WITHIN_MS;
        while self.told.front().is_some_and(old) {
            self.told.pop_front();
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

/// Shorter texts are never echoes: they occur by chance.
const SHORTEST_CHARS: usize = 6;
const SHORTEST_APART_CHARS: usize = 10;

/// How much of a text is compared.
const COMPARED_CHARS_MAX: usize = 1000;

#[cfg(test)]
mod tests;
