//! Matterbridge's API messages as this program's, and back.
//!
//! The facts are those of `bridge/api/api.go` of 42wim/matterbridge 1.26 and of its later fork: a message that the API hands out has no
//! id, names the origin's account and channel, and is told of deletions never. It must never take a file's content into a message, and
//! never fail on a field that is missing or of another type.

mod joins;
mod read;
mod time;
mod write;

pub use read::{Read, read};
pub use time::{format_time, parse_time};
pub use write::post;
