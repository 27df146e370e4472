//! Long polling: each response is complete as soon as there is something to say.
//!
//! See section 4 of the protocol.

pub mod client;
pub mod server;
