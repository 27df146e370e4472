//! End-to-end tests.

pub mod boxes;
pub mod carried;
pub mod coverage;
#[cfg(test)]
mod parsers;
pub mod results;
pub mod support;
