//! An HTTP response that goes on: envelopes as they come.
//!
//! See section 4 of the protocol.

pub mod client;
pub mod server;
