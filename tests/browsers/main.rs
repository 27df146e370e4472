//! Real browsers before the gateway, with a broken network between.
//!
//! One browser start serves many pages: see `towpath_tests::support::browser`.

mod backend;
mod cable;
mod carry;
mod harness;
mod life;
mod native;
mod report;
mod world;
