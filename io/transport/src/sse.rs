//! An HTTP response of server-sent events, for paths that let only those through.
//!
//! See section 4 of the protocol.

pub mod client;
pub mod events;
pub mod server;
