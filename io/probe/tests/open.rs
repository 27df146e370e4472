//! Conversations and watches on open sockets, against servers that behave in one way each.

#![expect(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with a clear line number"
)]

#[path = "open/server.rs"]
mod server;
#[path = "open/talk.rs"]
mod talk;
#[path = "open/time.rs"]
mod time;
