//! What is asked of the store and what it answers. It must never hold anything of the file's layout.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use towpath_chat::{Message, Outgoing};

/// A room of a side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Room {
    /// The side's name in the configuration.
    pub side: String,
    /// The room, by the side's own name for it.
    pub room: String,
}

/// A room that is told what is said in the other rooms of a link. Each has a queue of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The link's name.
    pub link: String,
    /// The side's name.
    pub side: String,
    /// The room, by the side's own name for it.
    pub room: String,
}

impl Target {
    /// The room, whatever the link.
    pub fn place(&self) -> Room {
        Room {
            side: self.side.clone(),
            room: self.room.clone(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} (link {})", self.side, self.room, self.link)
    }
}

/// Who is to be told a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where.
    pub target: Target,
    /// How many messages may wait there. Where there are as many, the oldest that was not begun is given up.
    pub queue_max: u32,
}

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When, in milliseconds since 1970.
    pub now_unix_ms: i64,
    /// Whether it comes from a history. Then one that is older than what is remembered is taken for known.
    pub replayed: bool,
}

/// What became of a message that was brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is kept until everybody was told.
    New,
    /// It was accepted before, or is one that we said.
    Known,
}

/// The newest message that was taken from a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its id.
    pub id: Option<String>,
    /// Its time, in milliseconds since 1970.
    pub at_unix_ms: i64,
}

/// The oldest message that a target was not told yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// To name it to the store.
    pub key: i64,
    /// What tells it from everything else that any relay ever told: a word without spaces.
    pub name: String,
    /// What happened.
    pub message: Message,
    /// From when its age counts, in milliseconds since 1970: when it was accepted, or said where it comes from a history.
    pub since_unix_ms: i64,
    /// The pieces that it is told in, once it was begun.
    pub pieces: Option<Vec<Outgoing>>,
    /// How many of them the other end has.
    pub done: usize,
    /// When the next one was first tried, if nobody knows what came of it; in milliseconds since 1970.
    pub tried_unix_ms: Option<i64>,
    /// The id of the piece that this room was told last, by any link.
    pub behind: Option<String>,
}

/// What is remembered of a message that somebody may reply to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quote {
    /// Who wrote it.
    pub author: String,
    /// How it starts.
    pub start: String,
}

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There are more pieces.
    More,
    /// All of it was told.
    Finished,
    /// The store does not hold it any more.
    Gone,
}

/// Why a target was not told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The other end does not take it.
    Refused,
    /// It waited too long.
    TooOld,
    /// Too many waited.
    QueueFull,
    /// Nobody knows whether the other end has it, and it is not to be repeated.
    Uncertain,
    /// It was told again and again, and the other end never showed that it has it.
    Unproven,
    /// The store cannot read it any more.
    Unreadable,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Refused,
        Self::TooOld,
        Self::QueueFull,
        Self::Uncertain,
        Self::Unproven,
        Self::Unreadable,
    ];

    /// Its name in the file, in status and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::TooOld => "too-old",
            Self::QueueFull => "queue-full",
            Self::Uncertain => "uncertain",
            Self::Unproven => "unproven",
            Self::Unreadable => "unreadable",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One target's queue, with its counts since the file was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueLine {
    /// Whose.
    pub target: Target,
    /// Messages that wait.
    pub waiting: u64,
    /// From when the age of the oldest of them counts, in milliseconds since 1970.
    pub oldest_unix_ms: Option<i64>,
    /// Messages that were told in full.
    pub delivered: u64,
    /// Tries after which nobody knew whether the other end had the piece.
    pub uncertain: u64,
    /// Messages that were given up.
    pub given_up: BTreeMap<Reason, u64>,
}
