//! The session side of the gateway over real sockets: each transport, each race, each limit.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod adapt;
mod backend;
mod carry;
mod ends;
mod gateway;
mod pressure;
mod proof;
mod races;
mod raw;
