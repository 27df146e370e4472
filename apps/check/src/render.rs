//! The story for its readers: [`text`] for people, [`json`] for programs.
//!
//! Both are fed while the check runs. Neither judges: what is said comes from the diagnosis.

pub mod causes;
pub mod comparison;
pub mod json;
pub mod text;
