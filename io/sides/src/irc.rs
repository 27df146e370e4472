//! A server of IRC as a side: over TCP or TLS, or over a WebSocket by the way that works.
//!
//! `run` connects, waits and connects again; `connection` is one connection, whose machine is `towpath_irc::Session`. What the server
//! is told may be anything that others wrote; it must never become more than the one line that it is.

mod carrier;
mod connection;
mod desk;
mod outcome;
mod rules;
mod run;
mod server;
mod settings;

pub use rules::rules;
pub use server::{Server, ServerError};
pub use settings::{Login, NickServ, Settings, Times};

use crate::side::Side;

/// Starts the side. It must be called within a tokio runtime.
pub fn start(settings: Settings) -> Side {
    Side::start(|end| run::run(settings, end))
}

#[cfg(test)]
mod tests;
