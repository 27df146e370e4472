//! Real browsers before the gateway, with a broken network between.
//!
//! One browser start serves many pages: see `towpath_tests::support::browser`.

mod backend;
mod harness;
mod native;
mod report;
