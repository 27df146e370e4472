//! A WebSocket whose binary messages hold envelopes.
//!
//! See section 4 of the protocol.

pub mod client;
pub mod server;
