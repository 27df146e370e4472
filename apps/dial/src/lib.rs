//! `towpath dial`: a local WebSocket endpoint; each connection to it becomes one to the remote.
//!
//! [`start`] an endpoint with [`Settings`] and a [`towpath_reach::Reach`]; read its [`Event`]s; [`Running::end`] it. A
//! native way is copied byte for byte, the others are joined message by message. It must never serve a web page that was
//! not allowed to, and never change what either side says.

mod access;
mod admit;
mod answer;
mod boundary;
mod bridge;
mod connection;
mod copy;
mod endpoint;
mod error;
mod event;
mod handshake;
mod head;
mod limits;
pub mod log;
mod machine;
mod settings;
mod status;
mod stop;
mod target;
#[cfg(test)]
mod testing;

pub use access::AccessToken;
pub use endpoint::{Running, start};
pub use error::DialError;
pub use event::{By, End, Event, Lines, Reason};
pub use limits::Limits;
pub use settings::Settings;
