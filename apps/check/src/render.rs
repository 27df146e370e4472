//! The story for its readers..
//!
//! Both are fed while the check runs. Neither judges: what is said comes from the diagnosis.

pub mod json;
