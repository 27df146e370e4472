//! How a relay goes, as one picture: what pages, metrics and lines are made from. It must never hold a text that somebody wrote, nor a
//! secret.

use std::collections::BTreeMap;

use serde::Serialize;
use towpath_sides::{State, States};

/// A relay at one moment. Times are milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Status {
    /// When the picture was taken.
    pub at_unix_ms: i64,
    /// Since when the relay runs.
    pub started_unix_ms: i64,
    /// The sides by name.
    pub sides: BTreeMap<String, SideStatus>,
    /// The links, in the order of the configuration.
    pub links: Vec<LinkStatus>,
    /// What still waits for members that are no more.
    pub left_over: Vec<LeftOver>,
    /// What is wrong with the store, in words. While it is, nothing is read from any side.
    pub store_trouble: Option<String>,
}

/// One side.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SideStatus {
    /// The word of its kind, `irc` for example.
    pub kind: String,
    /// Its network, as people are shown it.
    pub network: String,
    /// Its connection and its rooms.
    #[serde(flatten)]
    pub states: States,
    /// What came from it since the relay started.
    pub heard: Heard,
}

/// What came from one side, counted since the relay started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// Messages that were taken.
    pub taken: u64,
    /// Of these, those that came from the history, after a gap.
    pub replayed: u64,
    /// Messages that were known already.
    pub known: u64,
    /// Messages of users that we are or were there.
    pub own: u64,
    /// Messages that repeat what was told there, which would go round for ever.
    pub echoes: u64,
    /// Messages of names that are ignored.
    pub ignored: u64,
    /// Messages that could not be had any more, as far as their number is known; else one for each gap.
    pub missed: u64,
}

/// One link.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LinkStatus {
    /// Its name.
    pub name: String,
    /// Its rooms.
    pub members: Vec<MemberStatus>,
}

/// One room of a link.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MemberStatus {
    /// The side.
    pub side: String,
    /// The room.
    pub room: String,
    /// Whether it is read.
    pub reads: bool,
    /// Whether it is told.
    pub writes: bool,
    /// How the room goes.
    pub state: State,
    /// What it is told.
    pub queue: Queue,
}

/// What one member of a link is told. Counts are kept over restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// Messages that wait.
    pub waiting: u64,
    /// When the oldest of them was taken.
    pub oldest_unix_ms: Option<i64>,
    /// Messages that the other end has.
    pub delivered: u64,
    /// Tries after which nobody knew whether the other end had the piece.
    pub uncertain: u64,
    /// Messages that were given up, by reason.
    pub given_up: BTreeMap<String, u64>,
    /// Why the first one waits, where that is not the room's state.
    pub waits_for: Option<String>,
}

/// What still waits for a member that is no more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeftOver {
    /// The link that it belonged to.
    pub link: String,
    /// The side.
    pub side: String,
    /// The room.
    pub room: String,
    /// Messages that wait until they are too old.
    pub waiting: u64,
    /// When the oldest of them was taken.
    pub oldest_unix_ms: Option<i64>,
}

impl Status {
    /// The names of the sides that take nothing now, and the rooms of sides that do (`irc.libera #lounge`); empty where all is well.
    pub fn not_ready(&self) -> Vec<String> {
        let store = self.store_trouble.as_ref();
        let mut names: Vec<String> = store.map(|_| "the store".to_owned()).into_iter().collect();
        for (name, side) in &self.sides {
            if !side.states.connection.is_ready() {
                names.push(name.clone());
                continue;
            }
            let rooms = side.states.rooms.iter();
            names.extend(
                rooms
                    .filter(|(_, state)| !state.is_ready())
                    .map(|(room, _)| format!("{name} {room}")),
            );
        }
        names
    }
}

impl Queue {
    /// For how long the oldest waits, in milliseconds.
    pub fn lag_ms(&self, now_unix_ms: i64) -> u64 {
        let age = self.oldest_unix_ms.map_or(0, |oldest| now_unix_ms - oldest);
        u64::try_from(age).unwrap_or(0)
    }

    /// Messages that were given up, whatever the reason.
    pub fn given_up_in_all(&self) -> u64 {
        self.given_up.values().sum()
    }
}
