//! What is said in a chat room, whatever program the room belongs to.
//!
//! A [`Message`] comes from one side; what another side is to be told of it is an [`Outgoing`], which [`compose()`] makes. This crate must
//! never open a socket, read a clock, or draw a random number; times are arguments, in milliseconds since 1970 (UTC).

mod clean;
pub mod compose;
pub mod context;
pub mod echo;
pub mod files;
pub mod formats;
mod hex;
pub mod ignore;
pub mod kosmi;
pub mod matterbridge;
mod mentions;
pub mod message;
pub mod name;
pub mod outgoing;
pub mod rules;
mod split;
pub mod template;
mod time;
mod values;
pub mod webhook;

pub use clean::clean;
pub use compose::compose;
pub use context::{Context, Replied};
pub use echo::LoopGuard;
pub use formats::{FormatError, FormatSettings, Formats};
pub use ignore::Ignore;
pub use message::{Author, File, Kind, Message};
pub use outgoing::Outgoing;
pub use rules::{Markup, Rules, Takes};
pub use template::{Template, TemplateError};
