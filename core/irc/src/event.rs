//! What a session tells. It must never tell what this client said itself as something that somebody said.

use crate::ending::Ending;

/// What happened, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The server took this client. Rooms may be joined.
    Registered {
        /// The nickname in fact.
        nick: String,
        /// The account, where a login worked.
        account: Option<String>,
        /// The network, by its own name.
        network: Option<String>,
        /// Since when the server runs, in its own words.
        created: Option<String>,
    },
    /// This client is now called so.
    Nick(String),
    /// In the room, and through with what the server tells of its history.
    Joined {
        /// The room, as it was asked for.
        room: String,
    },
    /// Not in the room, or no longer.
    NotIn(NotIn),
    /// Somebody else did something.
    Said(Said),
    /// What came of [`crate::Say`] with this key. Each key has exactly one proof, at the latest when the session ends.
    Sent {
        /// The key.
        key: u64,
        /// What came of it.
        proof: Proof,
    },
    /// Part of a room's history could not be had.
    Missed {
        /// The room, as it was asked for.
        room: String,
        /// Why, in one sentence.
        why: String,
    },
    /// Something that whoever runs the relay should know, in one sentence.
    Note(String),
    /// The connection is to be closed. Nothing follows.
    Ended(Ending),
}

/// Why a room is not joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotIn {
    /// The room, as it was asked for.
    pub room: String,
    /// Why, in one sentence.
    pub why: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// When it is tried again, in milliseconds since 1970; `None` where that would be in vain.
    pub again_at_ms: Option<i64>,
}

/// What somebody did in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The room, as it was asked for.
    pub room: String,
    /// The nickname at that time.
    pub nick: String,
    /// The account, where the server tells it.
    pub account: Option<String>,
    /// What.
    pub kind: Kind,
    /// The text without formatting.
    pub text: String,
    /// When, by the server's clock, in milliseconds since 1970, where it tells it.
    pub at_ms: Option<i64>,
    /// What tells it from all others of the room, where the server gives enough for that.
    pub id: Option<String>,
    /// The message that it replies to, by its id.
    pub reply_to: Option<String>,
    /// Whether it comes from the history.
    pub replayed: bool,
}

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `PRIVMSG`.
    Text,
    /// `CTCP ACTION`.
    Action,
    /// `NOTICE`.
    Notice,
    /// Came in; the text may hold from which nickname.
    Join,
    /// Left; the text may hold why.
    Leave,
    /// Set the room's subject, which is the text.
    Topic,
}

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The server has it.
    Taken {
        /// Its id, where the server gives one.
        id: Option<String>,
    },
    /// Not now.
    NotNow {
        /// Why, in one sentence.
        why: String,
        /// Whether the server may have it all the same.
        uncertain: bool,
        /// When to try again, in milliseconds from now.
        after_ms: Option<i64>,
    },
    /// Never: the server does not take this text.
    Never {
        /// Why, in one sentence.
        why: String,
    },
}
