//! The operator's console from outside: who gets in, what it tells, and how news arrive.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod api;
mod door;
mod live;
mod support;
