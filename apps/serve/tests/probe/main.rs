//! The server's side of the check page over real sockets: every endpoint, every limit, hostile questions.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod admit;
mod client;
mod plain;
mod report;
mod socket;
mod streams;
