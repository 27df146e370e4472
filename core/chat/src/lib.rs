//! What is said in a chat room, whatever program the room belongs to.
//!
//! A [`Message`] comes from one side; what another side is to be told of it is an [`Outgoing`]. This crate must never open a socket,
//! read a clock, or draw a random number; times are arguments, in milliseconds since 1970 (UTC).

mod hex;
pub mod kosmi;
pub mod matterbridge;
pub mod message;
pub mod outgoing;
pub mod webhook;

pub use message::{Author, File, Kind, Message};
pub use outgoing::Outgoing;
