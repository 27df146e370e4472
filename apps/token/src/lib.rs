//! `towpath token`: get, list and forget tokens.
//!
//! It must never print a token unless that is what was asked for: not in a list, not in JSON of a list, not in an error.

mod date;
mod error;
mod get;
mod manage;
mod network;
mod options;
mod tell;

pub use error::{Failure, UsageError};
pub use get::{get, parts};
pub use manage::{forget, list};
pub use options::{BrowserOptionsGiven, GetOptions, KeepOptions, PlaceGiven};
pub use tell::{forgotten, listed, listed_json, notes, token_json};
