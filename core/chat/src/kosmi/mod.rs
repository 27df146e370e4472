//! Kosmi's chat as data: a [`Profile`] says which operations are asked and where in the answers everything stands.
//!
//! It must never hold a connection, nor take a field of an answer for certain: every one of them may be missing.

mod error;
mod fields;
mod operation;
mod pointers;
mod profile;
mod read;
mod room;
mod service;
mod template;

pub use error::ProfileError;
pub use operation::{Operations, Step, StepKind};
pub use pointers::Pointers;
pub use profile::{PROFILE_TOML, Profile};
pub use read::{Archive, ProblemKind, Said, Sent, User};
pub use room::{RoomError, room_id};
pub use service::LoginRequest;
pub use template::Variables;

#[cfg(test)]
mod tests;
