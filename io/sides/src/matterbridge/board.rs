//! How the side and its gateways go, for everybody to see. It must never call a gateway ready that Matterbridge does not have: what is
//! said there is dropped without a word.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::now_unix_ms;
use crate::state::{State, States, Trouble, Why};

pub(super) struct Board {
    out: watch::Sender<States>,
    states: States,
    /// All gateways, where they are told.
    gateways: Option<Vec<String>>,
}

impl Board {
    pub(super) fn new(out: watch::Sender<States>) -> Self {
        Self {
            out,
            states: States::default(),
            gateways: None,
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.states.connection.is_ready()
    }

    pub(super) fn is_connecting(&self) -> bool {
        matches!(self.states.connection, State::Connecting)
    }

    pub(super) fn is_stopped(&self) -> bool {
        matches!(self.states.connection, State::Stopped { .. })
    }

    /// Why nothing can be said in a room now.
    pub(super) fn obstacle(&self, room: &str) -> Option<String> {
        match self.room(room) {
            State::Ready => None,
            State::Connecting => Some("it is not connected yet".to_owned()),
            State::Waiting { why, .. } | State::Stopped { why } => Some(why.sentence),
        }
    }

    pub(super) fn join(&mut self, room: &str) {
        let state = self.room(room);
        self.states.rooms.insert(room.to_owned(), state);
        self.publish();
    }

    pub(super) fn leave(&mut self, room: &str) {
        self.states.rooms.remove(room);
        self.publish();
    }

    pub(super) fn count_connection(&mut self) {
        self.states.connections += 1;
    }

    pub(super) fn ready(&mut self, way: String, gateways: Option<Vec<String>>) {
        self.states.way = Some(way);
        self.gateways = gateways;
        self.set(State::Ready);
    }

    pub(super) fn waiting(&mut self, why: Why, wait: Duration) {
        self.trouble(&why);
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let until_unix_ms = now_unix_ms().saturating_add(wait_ms);
        self.set(State::Waiting { why, until_unix_ms });
    }

    pub(super) fn stopped(&mut self, why: Why) {
        self.trouble(&why);
        self.set(State::Stopped { why });
    }

    fn trouble(&mut self, why: &Why) {
        self.states.last_trouble = Some(Trouble {
            at_unix_ms: now_unix_ms(),
            why: why.clone(),
        });
    }

    fn set(&mut self, connection: State) {
        self.states.connection = connection;
        let rooms: Vec<String> = self.states.rooms.keys().cloned().collect();
        for room in rooms {
            let state = self.room(&room);
            self.states.rooms.insert(room, state);
        }
        self.publish();
    }

    /// Whether Matterbridge has told its gateways, and this is none of them.
    pub(super) fn is_missing(&self, room: &str) -> bool {
        let known = self.gateways.as_ref();
        known.is_some_and(|all| !all.iter().any(|name| name == room))
    }

    fn room(&self, room: &str) -> State {
        if !self.is_missing(room) || !self.is_ready() {
            return self.states.connection.clone();
        }
        let known = self.gateways.as_ref();
        let all = known.map(|all| all.join(", ")).unwrap_or_default();
        State::Stopped {
            why: Why {
                sentence: "Matterbridge has no enabled gateway of this name".to_owned(),
                remedy: Some(format!(
                    "Name one of its gateways as the room; it has: {all}."
                )),
                finding: None,
            },
        }
    }

    fn publish(&self) {
        // The same news twice would wake everybody for nothing.
        self.out.send_if_modified(|shown| {
            let is_new = *shown != self.states;
            if is_new {
                shown.clone_from(&self.states);
            }
            is_new
        });
    }
}
