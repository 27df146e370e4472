//! The whole gateway as a process, the Rust client before it, and everything that can happen between them.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on ends the test"
)]

mod backend;
mod cuts;
mod ends;
mod harness;
mod limits;
mod networks;
mod peers;
mod pressure;
mod raw;
mod soak;
mod switching;
mod tls;
