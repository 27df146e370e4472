//! The chat relay: what is said in a room on one side is said on the others, once and in order.
//!
//! Sides are `io/sides`; what they still have to be told is in `io/outbox`; here are the configuration, the links between rooms, and
//! what shows how it goes. It must never speak a chat protocol of its own, nor drop something without counting it.

mod ask;
pub mod check;
mod clock;
pub mod config;
mod courier;
mod error;
pub mod event;
mod heard;
mod html;
mod init;
mod intake;
mod kinds;
mod listener;
pub mod log;
mod metrics;
mod page;
mod plain;
pub mod plan;
pub mod relay;
mod routes;
pub mod run;
mod shared;
pub mod status;
#[cfg(test)]
mod testing;
mod text;
mod words;

pub use ask::{Told, ask};
pub use clock::now_unix_ms;
pub use config::{Config, ConfigError};
pub use error::RelayError;
pub use event::Event;
pub use init::init;
pub use plan::{Direction, Link, Member, Plan, SideKind, Uncertain};
pub use relay::Relay;
pub use run::{Command, prepare};
pub use status::Status;
pub use towpath_chat::kosmi::PROFILE_TOML as PROFILE;
