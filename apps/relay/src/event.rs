//! What a relay tells of itself: one event a change, as a line of text or of JSON.
//!
//! It must never hold a text that somebody wrote, nor a secret, and never make the relay wait for its reader.

use std::fmt;

use serde::Serialize;
use towpath_sides::{State, Why};

use crate::words;

mod compare;
mod teller;

pub(crate) use compare::changes;
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

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started {
                sides,
                links,
                status,
            } => {
                write!(f, "relaying: {}", counted(*sides, *links))?;
                match status {
                    Some(url) => write!(f, "; status on {url}"),
                    None => Ok(()),
                }
            }
            Self::Side {
                side,
                state,
                speaks_as,
                way,
            } => {
                write!(f, "{side}: {}", words::state(state))?;
                if state.is_ready() {
                    if let Some(name) = speaks_as {
                        write!(f, " as {name}")?;
                    }
                    if let Some(way) = way {
                        write!(f, ", {way}")?;
                    }
                }
                reason(f, state)
            }
            Self::Room { side, room, state } => {
                write!(f, "{side} {room}: {}", words::state(state))?;
                reason(f, state)
            }
            Self::GivenUp {
                link,
                side,
                room,
                reason,
                messages,
            } => {
                let messages = words::counted(*messages, "message", "messages");
                write!(f, "{side} {room} ({link}): {messages} given up, {reason}")
            }
            Self::NotHeard { side, messages } => {
                let messages = words::counted(*messages, "message", "messages");
                write!(f, "{side}: {messages} could not be had any more")
            }
            Self::Echoes { side, messages } => {
                let messages = words::counted(*messages, "message", "messages");
                write!(
                    f,
                    "{side}: {messages} repeated what was told there; is another bridge in the same room?"
                )
            }
            Self::Store { trouble: Some(why) } => write!(f, "the store: {why}"),
            Self::Store { trouble: None } => f.write_str("the store: well again"),
            Self::Reloaded { sides, links, left } => {
                write!(f, "read anew: {}", counted(*sides, *links))?;
                left.iter().try_for_each(|left| write!(f, "\n  {left}"))
            }
            Self::NotReloaded { why } => {
                write!(f, "not read anew, everything stays as it was:\n{why}")
            }
            Self::Ending => f.write_str("ending"),
            Self::Skipped { events } => write!(f, "{events} lines are missing here"),
        }
    }
}

fn counted(sides: usize, links: usize) -> String {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let sides = words::counted(number(sides), "side", "sides");
    format!(
        "{sides}, {}",
        words::counted(number(links), "link", "links")
    )
}

fn reason(f: &mut fmt::Formatter<'_>, state: &State) -> fmt::Result {
    let Some(why) = words::why(state) else {
        return Ok(());
    };
    write!(f, ": {why}")?;
    match why {
        Why {
            remedy: Some(remedy),
            ..
        } => write!(f, "\n  what helps: {remedy}"),
        _ => Ok(()),
    }
}
