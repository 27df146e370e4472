//! What webhooks are posted: JSON with a signature, and what Discord and Slack want instead.
//!
//! It must never let a text mention anybody, and never put the secret into what it returns but as a signature.

mod discord;
mod json;
mod signature;
mod slack;

pub use discord::{discord_edit, discord_name, discord_post};
pub use json::{JSON_VERSION, json_post};
pub use signature::{SIGNATURE_HEADER, sign, verify};
pub use slack::slack_post;
