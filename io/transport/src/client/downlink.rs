//! How the body of a downlink response becomes envelopes' bytes.

use super::failure::Failure;
use crate::sse::events::Events;
use bytes::Bytes;

/// The reading state of one response.
pub(crate) enum Downlink {
    /// The body is the envelopes.
    Plain,
    /// The body is an event stream.
    Events(Events),
}

impl Downlink {
    /// What these bytes of the body carry.
    pub(crate) fn feed(&mut self, chunk: Bytes) -> Result<Bytes, Failure> {
        match self {
            Self::Plain => Ok(chunk),
            Self::Events(events) => {
                let mut out = Vec::new();
                events
                    .feed(&chunk, &mut out)
                    .map_err(|error| Failure::Malformed(error.to_string()))?;
                Ok(out.into())
            }
        }
    }
}
