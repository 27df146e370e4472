//! The endpoint as a whole, in one process: real sockets, a remote that shows what it saw, native ways.

#![expect(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with a clear line number"
)]

mod admit;
mod carry;
mod ends;
mod refuse;
mod remote;
mod support;
