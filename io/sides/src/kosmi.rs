//! The Kosmi side: a person's browser without the browser.
//!
//! Each room has a connection of its own, as each page has. It must never tell as somebody's what this side said itself, never take the
//! server's `ok` for proof that something was said, and never hurry a server that refuses.
//!
//! # Life of a room
//!
//! A `room` gets a token (`login`), opens a WebSocket by `towpath_reach` (`opening`), and hands both to a `talk`, which enters the room in the
//! order of the profile: who we are, join, subscriptions, history. What comes live is held by the `timeline` until a `walk` through the
//! history has filled the gap; then the room is ready, and says one piece at a time. The proof of a piece is our own message coming back
//! (`proof`); where it does not come, the history is asked. How the talk ended (`over`) decides when the next connection begins.

mod board;
mod ids;
mod login;
mod opening;
mod over;
mod proof;
mod room;
mod settings;
mod shared;
mod side;
mod talk;
#[cfg(test)]
mod testing;
mod timeline;
mod told;
mod walk;
mod wire;

use towpath_chat::{Markup, Rules};

pub use settings::{Login, Settings, Times};

use crate::side::Side;

/// Starts a side. It must be called within a tokio runtime.
pub fn start(settings: Settings) -> Side {
    start_knowing(settings, Vec::new())
}

/// Starts a side that knows under which user ids it spoke before. What they said is not told, and counts as said.
pub fn start_knowing(settings: Settings, own_user_ids: Vec<String>) -> Side {
    Side::start(move |end| side::run(end, settings, own_user_ids))
}

/// What a room of this side takes. Kosmi shows no name but ours, so the author's stands in the text.
pub fn rules(settings: &Settings, _room: &str) -> Rules {
    let mut rules = Rules {
        chars_max: Some(settings.profile.body_chars_max()),
        several_lines: true,
        markup: Markup::Kosmi,
        ..Rules::default()
    };
    rules.takes.reply = true;
    rules
}
