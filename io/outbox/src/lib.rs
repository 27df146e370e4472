//! What sides still have to be told, kept in `SQLite` until they were.
//!
//! What was accepted survives a restart, and is accepted once. The store is bounded and counts what it gives up, with the reason. It
//! must never decide what a message looks like or who gets it.

mod bounds;
mod error;
mod item;
mod outbox;
mod store;
mod worker;

pub use bounds::Bounds;
pub use error::Error;
pub use item::{
    Accepted, Arrival, Mark, Progress, QueueLine, Quote, Reason, Recipient, Room, Target, Waiting,
};
pub use outbox::Outbox;
