//! The gateways that the relay is in, and how far each was told. It must never tell what was said before the first start.

use std::collections::BTreeMap;

use serde_json::Value;
use towpath_chat::matterbridge::{Read, read};

use crate::order::{Join, Mark};
use crate::side::Event;

/// How far behind the newest message the history is looked through again: a message may have overtaken another one. What is known
/// already is recognised by its id. Where the first start was less than that before, so much of what came before it is told as well.
const OVERTAKEN_MS: i64 = 5_000;

/// Clocks that differ by less are the same: the greeting itself took some time.
const SAME_CLOCK_MS: i64 = 1000;

/// When a websocket was greeted, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Greeted {
    /// By this machine's.
    pub(super) here_unix_ms: i64,
    /// By Matterbridge's, where it says so.
    pub(super) there_unix_ms: Option<i64>,
}

/// The gateways that the relay is in.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    side: String,
    gateways: BTreeMap<String, Room>,
    /// How far Matterbridge's clock is ahead of this machine's.
    ahead_ms: i64,
    /// When the newest websocket was greeted, by Matterbridge's clock.
    greeted_unix_ms: i64,
}

#[derive(Debug)]
struct Room {
    /// The newest message that was told, by Matterbridge's clock.
    newest: Option<i64>,
    /// What is older is left alone.
    oldest: Oldest,
    /// Whether something may have been said since the last connection, and nothing has come of it yet.
    has_gap: bool,
}

#[derive(Debug)]
enum Oldest {
    /// By Matterbridge's clock.
    There(i64),
    /// By this machine's clock, when the relay came into the room for the first time.
    Here(i64),
}

impl Rooms {
    pub(super) fn new(side: &str) -> Self {
        Self {
            side: side.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn join(&mut self, join: Join, now_unix_ms: i64) {
        let oldest = match &join.since {
            None => Oldest::Here(now_unix_ms),
            // A mark without a message is the moment of the first start.
            Some(Mark {
                id: None,
                at_unix_ms,
            }) => Oldest::Here(*at_unix_ms),
            Some(Mark { at_unix_ms, .. }) => Oldest::There(*at_unix_ms - OVERTAKEN_MS),
        };
        let room = Room {
            newest: None,
            oldest,
            has_gap: false,
        };
        self.gateways.insert(join.room, room);
    }

    pub(super) fn leave(&mut self, room: &str) {
        self.gateways.remove(room);
    }

    /// A websocket was greeted.
    pub(super) fn greeted(&mut self, greeted: Greeted) {
        if let Some(there) = greeted.there_unix_ms {
            let ahead = there - greeted.here_unix_ms;
            self.ahead_ms = if ahead.abs() < SAME_CLOCK_MS {
                0
            } else {
                ahead
            };
            self.greeted_unix_ms = there;
        }
    }

    /// Whether a websocket that tells this keeps a history. One that does not may tell what was just on its way when it was opened.
    pub(super) fn is_history(&self, object: &Value) -> bool {
        let Read::Message(message) = read(&self.side, object, self.greeted_unix_ms) else {
            return false;
        };
        message.at_unix_ms < self.greeted_unix_ms - SAME_CLOCK_MS
    }

    /// Whether anything was heard before, so that something may have been missed since.
    pub(super) fn has_history(&self) -> bool {
        self.gateways.values().any(Room::has_history)
    }

    /// A websocket was opened where there was none.
    pub(super) fn connected_anew(&mut self) {
        for room in self.gateways.values_mut() {
            room.has_gap = room.has_history();
        }
    }

    /// For each room of which nothing earlier has come by now: nobody knows what was said there.
    pub(super) fn missed(&mut self) -> Vec<Event> {
        let open = self.gateways.iter_mut().filter(|(_, room)| room.has_gap);
        let missed = open.map(|(name, room)| {
            room.has_gap = false;
            let why =
                "this Matterbridge keeps no history, so that nobody knows what was said meanwhile";
            Event::Missed {
                room: name.clone(),
                why: why.to_owned(),
                messages: None,
            }
        });
        missed.collect()
    }

    /// From when on anything of the history is wanted, by Matterbridge's clock.
    pub(super) fn since(&self, now_unix_ms: i64) -> i64 {
        let wanted = self
            .gateways
            .values()
            .map(|room| room.wanted(self.ahead_ms));
        wanted.min().unwrap_or(now_unix_ms + self.ahead_ms)
    }

    /// The event for an object of the API; none where nobody is to be told. What comes from the buffer is history, and so is what is
    /// older than the greeting.
    pub(super) fn event(&mut self, object: &Value, from_buffer: bool, now: i64) -> Option<Event> {
        let Read::Message(message) = read(&self.side, object, now) else {
            return None;
        };
        let room = self.gateways.get_mut(&message.room)?;
        let at = message.at_unix_ms;
        let replayed = from_buffer || at < self.greeted_unix_ms;
        if replayed && at < room.wanted(self.ahead_ms) {
            return None;
        }
        // Whoever tells of earlier tells all that it keeps.
        room.has_gap &= !replayed;
        room.newest = Some(room.newest.map_or(at, |newest| newest.max(at)));
        Some(Event::Said { message, replayed })
    }
}

impl Room {
    fn has_history(&self) -> bool {
        self.newest.is_some() || matches!(self.oldest, Oldest::There(_))
    }

    /// From when on anything of the history is wanted.
    fn wanted(&self, ahead_ms: i64) -> i64 {
        let oldest = match self.oldest {
            Oldest::There(at) => at,
            // What came in the same millisecond may have been there before.
            Oldest::Here(at) => at + ahead_ms + 1,
        };
        self.newest
            .map_or(oldest, |newest| oldest.max(newest - OVERTAKEN_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(room: &str, timestamp: &str) -> Value {
        json!({ "text": "hi", "gateway": room, "username": "a", "timestamp": timestamp })
    }

    fn join(room: &str, since: Option<i64>) -> Join {
        let mark = |at_unix_ms| Mark {
            id: Some("m1".to_owned()),
            at_unix_ms,
        };
        Join {
            room: room.to_owned(),
            since: since.map(mark),
        }
    }

    fn greeted(here_unix_ms: i64, there: i64) -> Greeted {
        Greeted {
            here_unix_ms,
            there_unix_ms: Some(there),
        }
    }

    fn is_told(rooms: &mut Rooms, room: &str, time: &str, from_buffer: bool) -> Option<bool> {
        match rooms.event(&said(room, time), from_buffer, 900_000) {
            Some(Event::Said { replayed, .. }) => Some(replayed),
            _ => None,
        }
    }

    #[test]
    fn of_a_history_only_what_is_new_is_told() {
        let mut rooms = Rooms::new("matterbridge.home");
        rooms.join(join("known", Some(160_000)), 500_000);
        rooms.join(join("new", None), 500_000);
        assert_eq!(rooms.since(900_000), 155_000);
        let mut told = |room: &str, time: &str| is_told(&mut rooms, room, time, true);
        assert_eq!(told("known", "1970-01-01T00:02:34.999Z"), None);
        assert_eq!(told("known", "1970-01-01T00:02:35Z"), Some(true));
        assert_eq!(told("new", "1970-01-01T00:08:19Z"), None);
        assert_eq!(told("new", "1970-01-01T00:08:20Z"), None);
        assert_eq!(told("new", "1970-01-01T00:08:20.001Z"), Some(true));
        assert_eq!(told("other", "1970-01-01T00:08:20Z"), None);
    }

    #[test]
    fn a_history_is_known_by_its_age() {
        let mut rooms = Rooms::new("m");
        rooms.greeted(greeted(900_000, 900_000));
        let is_history = |time: &str| rooms.is_history(&said("r", time));
        assert!(is_history("1970-01-01T00:14:58Z"));
        // It was on its way when the websocket was opened.
        assert!(!is_history("1970-01-01T00:14:59.500Z"));
        assert!(!is_history("no time"));
        assert!(!rooms.is_history(&json!({ "event": "user_typing" })));
    }

    #[test]
    fn a_gap_of_which_nothing_comes_is_told_once() {
        let mut rooms = Rooms::new("m");
        for (room, since) in [
            ("told", Some(900_000)),
            ("mute", Some(900_000)),
            ("new", None),
        ] {
            rooms.join(join(room, since), 900_000);
        }
        rooms.connected_anew();
        is_told(&mut rooms, "told", "1970-01-01T00:15:00Z", true);
        let missed = rooms.missed();
        let is_mute = |event: &Event| matches!(event, Event::Missed { room, .. } if room == "mute");
        assert!(missed.len() == 1 && is_mute(&missed[0]), "{missed:?}");
        assert!(rooms.missed().is_empty());
    }

    #[test]
    fn matterbridges_clock_decides_what_is_history() {
        let mut rooms = Rooms::new("m");
        rooms.join(join("r", None), 900_000);
        // An hour behind.
        rooms.greeted(greeted(900_000, 900_000 - 3_600_000));
        let mut told = |time: &str| is_told(&mut rooms, "r", time, false);
        assert_eq!(told("1969-12-31T23:14:59Z"), None);
        assert_eq!(told("1969-12-31T23:15:00.001Z"), Some(false));
        rooms.greeted(greeted(1_000_000, -2_600_000));
        let mut told = |time: &str| is_told(&mut rooms, "r", time, false);
        assert_eq!(told("1969-12-31T23:16:30Z"), Some(true));
        // One that was overtaken by that one, and one that was not.
        assert_eq!(told("1969-12-31T23:16:25Z"), Some(true));
        assert_eq!(told("1969-12-31T23:16:24Z"), None);
    }
}
