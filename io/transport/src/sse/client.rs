//! The client's end of the `sse` transport: an event stream whose data is base64 of envelopes.
//!
//! It must never send proof in a URL, which is why it is a POST and not an `EventSource`.

use crate::client::downlink::Downlink;
use crate::sse::events::Events;

/// The endpoint.
pub const ENDPOINT: &str = "sse";

/// The body is events.
pub(crate) fn downlink() -> Downlink {
    Downlink::Events(Events::default())
}
