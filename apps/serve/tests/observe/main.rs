//! What the gateway sees of attempts, over real sockets: how requests arrive, and how transports end.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod arrivals;
#[path = "../sessions/backend.rs"]
#[expect(dead_code, reason = "other tests ask more of it")]
mod backend;
#[path = "../reports/client.rs"]
#[expect(dead_code, reason = "other tests ask more of it")]
mod client;
mod ends;
mod facts;
mod plain;
#[path = "../sessions/raw.rs"]
#[expect(dead_code, reason = "other tests ask more of it")]
mod raw;
