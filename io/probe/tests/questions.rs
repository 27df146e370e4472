//! Questions put to small servers on loopback.

#![expect(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with a clear line number"
)]

#[path = "questions/server.rs"]
mod server;

#[path = "questions/handshake.rs"]
mod handshake;

#[path = "questions/control.rs"]
mod control;

#[path = "questions/way.rs"]
mod way;

#[path = "questions/browser.rs"]
mod browser;
