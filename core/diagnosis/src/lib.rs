//! Observations in, findings and still-open questions out. Pure.

pub mod catalogue;
