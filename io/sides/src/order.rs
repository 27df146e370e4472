//! What a side is asked to do, and what comes of it.

use std::time::Duration;

use tokio::sync::oneshot;
use towpath_chat::Outgoing;

/// What a side is asked to do.
#[derive(Debug)]
pub enum Order {
    /// Say something, and tell what came of it. The answer is always given, at the latest when the side ends.
    Send(Box<Sending>, oneshot::Sender<Outcome>),
    /// Be in a room, and come back to it after every loss.
    Join(Join),
    /// Leave a room.
    Leave(String),
    /// End in the way that the protocol knows.
    End,
}

/// A room to be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The room, by the side's own name for it.
    pub room: String,
    /// The newest message that was taken from it, as far as is known: the history behind it is to be told as [`crate::Event::Said`].
    /// Without one, what was said before is left alone.
    pub since: Option<Mark>,
}

/// A place in a room's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The message's id.
    pub id: Option<String>,
    /// Its time, in milliseconds since 1970.
    pub at_unix_ms: i64,
}

/// One piece to be said. A side is given the next piece of a room when the outcome of the one before is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// What tells this piece from all others, the same at every try: for ends that recognise what they were sent before.
    pub id: String,
    /// The room, by the side's own name for it.
    pub room: String,
    /// What to say.
    pub outgoing: Outgoing,
    /// When it was first tried without the outcome becoming known, in milliseconds since 1970. Where the other end offers a history, the
    /// side looks there before it says it again.
    pub begun_unix_ms: Option<i64>,
    /// The id that the piece told to this room before it got there, where that is known. What the history holds up to it is not this
    /// piece, though it may read the same.
    pub behind: Option<String>,
}

impl Sending {
    /// A piece that was never tried before, in a room where nothing was told yet.
    pub fn new(id: impl Into<String>, room: impl Into<String>, outgoing: Outgoing) -> Self {
        Self {
            id: id.into(),
            room: room.into(),
            outgoing,
            begun_unix_ms: None,
            behind: None,
        }
    }
}

/// What came of one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The other end has it.
    Delivered {
        /// Its id there, where the other end gives one.
        id: Option<String>,
    },
    /// Not now.
    Later {
        /// Why, in one sentence.
        why: String,
        /// Whether the other end may have it all the same.
        uncertain: bool,
        /// How long the other end wants to be left alone.
        after: Option<Duration>,
    },
    /// Never: the other end does not take this piece.
    Refused {
        /// Why, in one sentence.
        why: String,
    },
}
