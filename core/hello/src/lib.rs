//! A TLS `ClientHello` as facts.
//!
//! Bytes in, facts out: whether a whole hello has arrived, and what it offers. It must never judge what the facts
//! mean (that is `towpath-diagnosis`) and never touch a socket.

mod fingerprint;
mod offer;
mod reader;

pub use offer::Offer;
pub use reader::{HELLO_BYTES_MAX, HelloReader, Progress};
