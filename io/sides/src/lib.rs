//! The ends of a chat relay, each as a [`Side`] of equal shape: events out, orders in, a state for everybody to see.
//!
//! A side connects, joins its rooms, comes back after a loss, and fills the gap from the history that the other end offers. It must never
//! lose an order's outcome, and never report something that it said itself as something new.

pub mod backoff;
mod clock;
pub mod hidden;
pub mod http;
pub mod irc;
pub mod kosmi;
pub mod matterbridge;
pub mod network;
pub mod order;
mod refused;
mod setting;
pub mod side;
pub mod state;
pub mod webhook;

#[cfg(test)]
mod receiver;

pub use backoff::Backoff;
pub use hidden::Hidden;
pub use http::{Answer, Http, HttpError, HttpLimits, HttpRequest};
pub use network::Network;
pub use order::{Join, Mark, Order, Outcome, Sending};
pub use setting::setting_for;
pub use side::{Event, Side, SideEnd, SideSender};
pub use state::{Finding, State, States, Trouble, Why};
