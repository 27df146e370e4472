//! The gateways that the relay is in, and how far each was told. It must never tell what was said before the first start.

use std::collections::BTreeMap;

use serde_json::Value;
use towpath_chat::matterbridge::{Read, read};

use crate::order::Join;
use crate::side::Event;

/// The gateways that the relay is in.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    side: String,
    /// The time of the newest message of each; before the first one, when it was joined.
    newest: BTreeMap<String, i64>,
}

impl Rooms {
    pub(super) fn new(side: &str) -> Self {
        Self {
            side: side.to_owned(),
            newest: BTreeMap::new(),
        }
    }

    pub(super) fn join(&mut self, join: Join, now_unix_ms: i64) {
        let since = join.since.map_or(now_unix_ms, |mark| mark.at_unix_ms);
        self.newest.insert(join.room, since);
    }

    pub(super) fn leave(&mut self, room: &str) {
        self.newest.remove(room);
    }

    /// From when on anything is wanted.
    pub(super) fn since(&self, now_unix_ms: i64) -> i64 {
        self.newest.values().copied().min().unwrap_or(now_unix_ms)
    }

    /// The event for an object of the API; none where nobody is to be told. What comes from a buffer may be older than what is wanted.
    pub(super) fn event(&mut self, object: &Value, replayed: bool, now: i64) -> Option<Event> {
        let Read::Message(message) = read(&self.side, object, now) else {
            return None;
        };
        let newest = self.newest.get_mut(&message.room)?;
        if replayed && message.at_unix_ms < *newest {
            return None;
        }
        *newest = message.at_unix_ms.max(*newest);
        Some(Event::Said { message, replayed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Mark;
    use serde_json::json;

    fn said(room: &str, timestamp: &str) -> Value {
        json!({ "text": "hi", "gateway": room, "username": "a", "timestamp": timestamp })
    }

    #[test]
    fn of_a_buffer_only_what_is_new_is_told() {
        let mut rooms = Rooms::new("matterbridge.home");
        let since = Mark {
            id: None,
            at_unix_ms: 1000,
        };
        let known = Join {
            room: "known".to_owned(),
            since: Some(since),
        };
        let new = Join {
            room: "new".to_owned(),
            since: None,
        };
        rooms.join(known, 5000);
        rooms.join(new, 5000);
        assert_eq!(rooms.since(9000), 1000);
        let mut told =
            |room: &str, time: &str| rooms.event(&said(room, time), true, 9000).is_some();
        assert!(!told("known", "1970-01-01T00:00:00.999Z"));
        assert!(told("known", "1970-01-01T00:00:01Z"));
        assert!(!told("new", "1970-01-01T00:00:04Z"));
        assert!(told("new", "1970-01-01T00:00:05Z"));
        assert!(!told("other", "1970-01-01T00:00:05Z"));
    }

    #[test]
    fn what_comes_live_is_told_whatever_its_clock_says() {
        let mut rooms = Rooms::new("m");
        let join = Join {
            room: "r".to_owned(),
            since: None,
        };
        rooms.join(join, 5000);
        let event = rooms.event(&said("r", "1970-01-01T00:00:01Z"), false, 9000);
        assert!(event.is_some());
        assert_eq!(rooms.since(9000), 5000);
    }
}
