//! The client's end of the `stream` transport: one long response of envelopes as they come.
//!
//! It must never wait for a response to end: what arrived counts at once.

use crate::client::downlink::Downlink;

/// The endpoint.
pub const ENDPOINT: &str = "stream";

/// The body is envelopes as they are.
pub(crate) fn downlink() -> Downlink {
    Downlink::Plain
}
