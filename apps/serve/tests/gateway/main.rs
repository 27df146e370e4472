//! The gateway from outside: real sockets, raw bytes, scripted backends.

#![expect(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with a clear line number"
)]

mod backend;
mod drain;
mod hello;
mod http;
mod http2;
mod limits;
mod network;
mod passthrough;
mod support;
mod tls;
