//! A WebSocket that has not said its first envelope: for how long, and how that ended.

use std::time::Duration;

use tokio::time::Instant;
use towpath_diagnosis::observation::{Attachment, AttachmentEnd, Transport};

/// What is seen of a WebSocket before it attaches.
#[derive(Debug)]
pub(super) struct Silence {
    opened: Instant,
    first_up: Option<Instant>,
    last_up: Option<Instant>,
    bytes_up: u64,
    /// Its first envelope came.
    pub(super) attached: bool,
    /// How and when it ends otherwise.
    end: Option<(AttachmentEnd, Instant)>,
}

impl Silence {
    /// It opens now.
    pub(super) fn new() -> Self {
        Self {
            opened: Instant::now(),
            first_up: None,
            last_up: None,
            bytes_up: 0,
            attached: false,
            end: None,
        }
    }

    /// Bytes came.
    pub(super) fn heard(&mut self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        let now = Instant::now();
        self.first_up.get_or_insert(now);
        self.last_up = Some(now);
        self.bytes_up += bytes as u64;
    }

    /// It ended so, whatever is still said on it.
    pub(super) fn ends(&mut self, end: AttachmentEnd) {
        self.end = Some((end, Instant::now()));
    }

    /// How long it has been open, in milliseconds.
    pub(super) fn age_ms(&self) -> u32 {
        u32::try_from(milliseconds(self.opened.elapsed())).unwrap_or(u32::MAX)
    }

    /// What it was, now that it is over.
    pub(super) fn attachment(self, http2: bool) -> Attachment {
        let silent = || (AttachmentEnd::Silent, Instant::now());
        let (end, ended) = self.end.unwrap_or_else(silent);
        let age_ms = milliseconds(ended - self.opened);
        let first_up = self.first_up.map(|first| first - self.opened);
        let silent_up = self.last_up.map(|last| milliseconds(ended - last));
        Attachment {
            transport: Transport::Websocket,
            generation: 0,
            http2,
            attached: false,
            used: false,
            age_ms,
            first_up_ms: first_up.map(milliseconds),
            silent_up_ms: silent_up.unwrap_or(age_ms),
            silent_down_ms: age_ms,
            bytes_up: self.bytes_up,
            bytes_down: 0,
            messages_up: Some(0),
            messages_down: Some(0),
            round_trip_us: None,
            end,
        }
    }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The client closed it in order.
pub(super) const CLOSED_BY_CLIENT: AttachmentEnd = AttachmentEnd::Closed {
    by_client: true,
    code: None,
};
