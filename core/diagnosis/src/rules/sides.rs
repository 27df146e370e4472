//! Rules over what page and gateway saw of the same attempt, or the gateway alone of many.
//!
//! A page may not know why its WebSocket failed, and a gateway does not see what never reached it; put together
//! they tell most of it. These rules look at arrivals, attachments, the page's attempts and tests, and histories
//! only. They must stay silent on what merely looks untidy: overtaken attempts, pages that leave, sleep, a
//! gateway that drains, a backend that fails.

use super::Rule;
use crate::evidence::Evidence;

mod answers;
mod bodies;
mod buffer;
mod control;
mod ends;
mod facts;
mod intercepted;
mod messages;
mod moved;
mod network;
mod opened;
mod page;
mod pattern;
mod policy;
#[cfg(test)]
pub(crate) mod scene;
mod standing;
mod stripped;
#[cfg(test)]
mod tests;
mod trial;
mod waits;

/// The rules on both sides' facts.
pub const RULES: &[Rule] = &[
    policy::FORBIDDEN,
    stripped::INSPECTED,
    stripped::PLAIN,
    stripped::FRONT,
    opened::RESET,
    opened::MUTE,
    buffer::HELD,
    bodies::LIMITED,
    answers::PORTAL,
    answers::BLOCK_PAGE,
    messages::BINARY,
    messages::TOO_BIG,
    messages::VANISHED,
    messages::FIRST_LOST,
    messages::COMPRESSED,
    page::POLICY,
    page::MIXED,
    page::REPLACED,
    page::EXTENSION,
    page::OFFLINE,
    moved::SLEPT,
    moved::FROZEN,
    moved::CHANGED,
    intercepted::INTERCEPTED,
    ends::IDLE,
    ends::AGE,
    ends::FORGOTTEN,
    ends::UNKNOWN,
    waits::IDLE,
    waits::AGE,
    waits::FORGOTTEN,
    network::IDLE,
    network::AGE,
    network::BYTES,
    network::RESET,
    network::MUTE,
    network::RELOAD,
    network::INSPECTED,
    network::PLAIN,
    network::FRONT,
];

/// Whether a WebSocket was seen to work, and none was seen to fail.
pub fn all_well(evidence: &Evidence<'_>) -> bool {
    facts::Sides::of(evidence).all_well(evidence)
}
