//! Products that stand between client and server: how they sign certificates and mark answers.
//!
//! Issuer names and header positions only. Nothing here decides on a cause, and nothing here may
//! match a word inside another word: `preset` is no antivirus.

mod issuer;
mod relay;

pub use issuer::{Product, ProductKind, inspection_words, of_issuer};
pub use relay::{Relay, lowercase_names, relay, squid_error, squid_port};
