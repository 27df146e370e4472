//! Reports of pages over real sockets: whose they are, what is refused, and that nothing else suffers.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

#[path = "../sessions/backend.rs"]
#[expect(dead_code, reason = "other tests ask more of it")]
mod backend;
mod client;
mod dashboard;
mod flood;
mod hostile;
mod intake;
#[path = "../sessions/raw.rs"]
#[expect(dead_code, reason = "other tests ask more of it")]
mod raw;
