//! The session protocol over each transport: WebSocket, HTTP stream, event stream and long polling.
//!
//! One folder per transport, of equal shape: `client.rs` and `server.rs` are its two ends. What is carried
//! are envelopes; what they mean is the affair of `towpath-session`, and this crate must never look at a
//! session's state.

pub mod client;
pub mod poll;
pub mod server;
pub mod socket;
pub mod sse;
pub mod stream;
pub mod websocket;
