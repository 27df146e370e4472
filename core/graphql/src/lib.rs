//! The client of GraphQL over WebSocket as a pure state machine, for both generations of the protocol.
//!
//! Text messages, ends and the time go in; text messages, events and the next deadline come out. It must never open a socket, read a
//! clock, or know what an operation is about.
//!
//! A driver opens the WebSocket with [`Generation::subprotocol`], makes a [`Session`], and then in a loop: sends what
//! [`Session::poll_send`] gives, reads [`Session::poll_event`] until it is empty, and calls [`Session::receive`], [`Session::tick`] or
//! [`Session::closed`] for whatever comes next.

mod close;
mod event;
mod generation;
pub mod limits;
mod operations;
mod problem;
mod received;
mod session;
mod written;

pub use close::{Ending, ending};
pub use event::{Counts, Done, End, Event};
pub use generation::Generation;
pub use operations::{Operation, OperationId};
pub use problem::Problem;
pub use session::{Error, Session, Settings};
