//! Matterbridge as a side: what it hears comes by its API's websocket, what it is told goes by `POST`.
//!
//! The websocket is the one way of its API on which no client takes messages from another. It has no history and no ids, its greeting
//! is the proof that a Matterbridge is there, and an answer of the 200s that it has taken a message. It must never empty the API's
//! buffer unless it is said to be the only client.

mod api;
mod board;
mod connect;
mod fault;
mod gap;
mod rooms;
mod rules;
mod run;
mod settings;
mod socket;

pub use rules::rules;
pub use settings::Settings;

use crate::side::Side;

/// Starts the side. It must be called within a tokio runtime.
pub fn start(settings: Settings) -> Side {
    Side::start(|end| run::run(settings, end))
}
