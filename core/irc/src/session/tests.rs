//! A session against a server that is written down line by line.

mod joining;
mod login;
mod rooms;
mod sending;
mod table;

use super::{Join, Say, Session};
use crate::event::{Event, Kind, Proof, Said};
use crate::settings::{Flood, Settings};

/// A session, its time, and what came of it so far.
struct Table {
    session: Session,
    now: i64,
}

impl Table {
    fn new(settings: Settings) -> Self {
        let now = 1_800_000_000_000;
        let session = Session::new(settings, now);
        Self { session, now }
    }

    /// Welcomed by a server with these capabilities, and in `#room`.
    fn in_room(capabilities: &str, since_ms: Option<i64>) -> Self {
        let mut table = Self::welcomed(capabilities);
        table.join("#room", since_ms);
        assert_eq!(table.sent(), ["JOIN #room"]);
        table.hear(":bot!u@h JOIN #room");
        table
    }

    fn welcomed(capabilities: &str) -> Self {
        let mut table = Self::new(unlimited());
        table.sent();
        table.hear(&format!(":s.x CAP * LS :{capabilities}"));
        for line in table.sent() {
            match line.strip_prefix("CAP REQ :") {
                Some(wanted) => table.hear(&format!(":s.x CAP * ACK :{wanted}")),
                None => assert_eq!(line, "CAP END"),
            }
        }
        table.sent();
        table.hear(":s.x 001 bot :Welcome");
        table.hear(":s.x 376 bot :End");
        assert!(matches!(table.events()[..], [Event::Registered { .. }]));
        table
    }

    /// In `#room` with its history read.
    fn ready(capabilities: &str) -> Self {
        let mut table = Self::in_room(capabilities, None);
        table.answer_pings();
        let joined = Event::Joined {
            room: "#room".to_owned(),
        };
        assert_eq!(table.events(), [joined]);
        table
    }

    fn join(&mut self, room: &str, since_ms: Option<i64>) {
        let join = Join {
            room: room.to_owned(),
            key: None,
            since_ms,
            since_id: None,
            was_away: false,
        };
        self.session.join(self.now, join);
    }

    fn hear(&mut self, line: &str) {
        self.session.receive(self.now, line.as_bytes());
    }

    fn wait(&mut self, ms: i64) {
        self.now += ms;
        self.session.tick(self.now);
    }

    fn sent(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.session.poll_send(self.now)).collect()
    }

    /// Answers every ping that leaves, and gives what else left.
    fn answer_pings(&mut self) -> Vec<String> {
        let mut others = Vec::new();
        for line in self.sent() {
            match line.strip_prefix("PING ") {
                Some(token) => self.hear(&format!(":s.x PONG s.x :{token}")),
                None => others.push(line),
            }
        }
        others
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.session.poll_event()).collect()
    }

    fn said(&mut self) -> Vec<Said> {
        let said = |event| match event {
            Event::Said(said) => Some(said),
            _ => None,
        };
        self.events().into_iter().filter_map(said).collect()
    }

    fn texts(&mut self) -> Vec<String> {
        self.said().into_iter().map(|said| said.text).collect()
    }

    fn say(&mut self, key: u64, text: &str) {
        self.session.say(&say(key, text));
    }

    fn proofs(&mut self) -> Vec<(u64, Proof)> {
        let proof = |event| match event {
            Event::Sent { key, proof } => Some((key, proof)),
            _ => None,
        };
        self.events().into_iter().filter_map(proof).collect()
    }
}

fn say(key: u64, text: &str) -> Say {
    Say {
        key,
        room: "#room".to_owned(),
        kind: Kind::Text,
        text: text.to_owned(),
        reply_to: None,
        begun_ms: None,
        behind: None,
    }
}

/// Settings for a server that limits nobody.
fn unlimited() -> Settings {
    Settings {
        flood: Flood {
            burst: 1,
            every_ms: 0,
        },
        ..Settings::new("bot")
    }
}

fn taken(id: Option<&str>) -> Proof {
    Proof::Taken {
        id: id.map(str::to_owned),
    }
}
