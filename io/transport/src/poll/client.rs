//! The client's end of the `poll` transport: responses that are complete as soon as there is something.
//!
//! It must never have two polls under way: the later one takes the place of the earlier.

use crate::client::downlink::Downlink;

/// The endpoint.
pub const ENDPOINT: &str = "poll";

/// The body is envelopes as they are.
pub(crate) fn downlink() -> Downlink {
    Downlink::Plain
}
