//! Looks whether frames marked as compressed really are, where compression was not agreed on.

use towpath_websocket::{Connection, DeflateParameters, Event, FrameDeviation, Limits, Role};

use super::log::Log;

/// A message that decompresses although nobody agreed to compression.
pub(super) struct Found {
    /// Where its first frame stands in the stream.
    pub(super) offset: u64,
    /// Its beginning.
    pub(super) text: String,
}

/// A second decoder that believes in compression; it runs from the first marked frame on.
pub(super) struct Shadow {
    agreed: bool,
    decoder: Option<(Connection, u64)>,
    /// Bytes to read before those that come next.
    behind: Vec<u8>,
    done: bool,
}

impl Shadow {
    pub(super) fn new(agreed: bool) -> Self {
        Self {
            agreed,
            decoder: None,
            behind: Vec::new(),
            done: false,
        }
    }

    /// Starts at the first frame with the compression bit.
    pub(super) fn deviated(&mut self, deviation: &FrameDeviation, offset: u64, log: &Log) {
        let marked = matches!(deviation, FrameDeviation::ReservedBits { bits: 0x40 });
        if !marked || self.agreed || self.decoder.is_some() || self.done {
            return;
        }
        self.behind = log.recent_from(offset, usize::MAX);
        let deflate = Some(DeflateParameters::default());
        self.decoder = Some((
            Connection::new(Role::Client, Limits::default(), deflate),
            offset,
        ));
    }

    /// Reads what came. The first message that decompresses is enough.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<Found> {
        let (decoder, start) = self.decoder.as_mut()?;
        // The bytes in which the marked frame was found are in `behind` already.
        let behind = std::mem::take(&mut self.behind);
        let events = decoder.feed(if behind.is_empty() { bytes } else { &behind });
        let start = *start;
        let failed = events.iter().any(|event| {
            matches!(
                event,
                Event::Deviation {
                    deviation: FrameDeviation::InflateFailed,
                    ..
                }
            )
        });
        let found = events.into_iter().find_map(|event| match event {
            Event::Message { message, offset } if message.compressed => Some(Found {
                offset: start + offset,
                text: String::from_utf8_lossy(&message.payload).into_owned(),
            }),
            _ => None,
        });
        if failed || found.is_some() {
            self.decoder = None;
            self.done = true;
        }
        found.filter(|_| !failed)
    }
}

/// How the fact calls it.
pub(super) const INFLATES: &str = "compressed-unasked";
