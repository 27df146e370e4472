//! End-to-end tests.

pub mod coverage;
pub mod results;
