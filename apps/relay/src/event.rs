//! What a relay tells of itself: one event a change, as a line of text or of JSON.
//!
//! It must never hold a text that somebody wrote, nor a secret, and never make the relay wait for its reader.

use serde::Serialize;
use towpath_sides::State;

mod compare;
mod lines;
mod teller;
mod told;

pub(crate) use compare::{changes, still_failing};
pub(crate) use teller::Teller;

/// Something happened. As JSON it has a `type` in kebab case.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// The relay runs.
    Started {
        /// How many sides it has.
        sides: usize,
        /// How many links.
        links: usize,
        /// Where its status is, `http://address:port/`.
        status: Option<String>,
        /// Sides that no link names; they are not started.
        unused: Vec<String>,
    },
    /// A side is in another state.
    Side {
        /// The side.
        side: String,
        /// Its connection's state, with the reason.
        #[serde(flatten)]
        state: State,
        /// As whom it speaks, once it does.
        speaks_as: Option<String>,
        /// By which way, where there is a choice.
        way: Option<String>,
    },
    /// A room is in another state, for a reason of its own.
    Room {
        /// The side.
        side: String,
        /// The room.
        room: String,
        /// The room's state, with the reason.
        #[serde(flatten)]
        state: State,
    },
    /// Messages were given up since the last event of this kind.
    GivenUp {
        /// The link.
        link: String,
        /// The side that they were not told to.
        side: String,
        /// The room.
        room: String,
        /// Why.
        reason: String,
        /// How many.
        messages: u64,
    },
    /// Messages of a side could not be had any more.
    NotHeard {
        /// The side.
        side: String,
        /// How many, as far as it is known.
        messages: u64,
    },
    /// Something goes round: messages repeat what was told to that room, and are told nowhere.
    Echoes {
        /// The side that they come from.
        side: String,
        /// How many.
        messages: u64,
    },
    /// The store takes nothing, or takes it again.
    Store {
        /// What is wrong; nothing when it is mended.
        trouble: Option<String>,
    },
    /// The configuration was read anew and holds.
    Reloaded {
        /// How many sides there are now.
        sides: usize,
        /// How many links.
        links: usize,
        /// Where its status is now.
        status: Option<String>,
        /// Sides that no link names; they are not started.
        unused: Vec<String>,
        /// What could not be changed without a restart.
        left: Vec<String>,
    },
    /// The configuration was read anew and cannot be used; everything goes on as it was.
    NotReloaded {
        /// Why.
        why: String,
    },
    /// The relay ends: what is under way is finished, what waits is kept.
    Ending,
    /// The reader of these events was too slow.
    Skipped {
        /// Events that it did not get.
        events: u64,
    },
}
