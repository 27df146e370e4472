//! What passes between the driver of a session and the transports that carry it.
//!
//! The shapes are the same for every transport: the driver must never need to know which one it
//! talks to, and a transport never what a session is.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::failure::Failure;

/// What the driver has a transport do.
#[derive(Debug)]
pub(crate) enum Order {
    /// Send these whole envelopes up: one WebSocket message, or one `send` body.
    Up(Bytes),
    /// Make the next downlink request with this body. WebSocket has none.
    Down(Bytes),
    /// Everything has been said: end cleanly once what was ordered is out.
    Finish,
}

/// What happened on a transport.
#[derive(Debug)]
pub(crate) enum What {
    /// The next bytes of envelopes on the way down, cut anywhere.
    Down(Bytes),
    /// The answer to a `send`: whole envelopes.
    Answer(Bytes),
    /// One [`Order::Up`] is out of the way; there is room for the next.
    Room,
    /// A downlink response is over: at its proper end, or with a failure.
    ResponseEnded(Option<Failure>),
    /// The transport is finished and its task is gone.
    Ended(Failure),
}

/// One report, with the attachment it belongs to.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) generation: u64,
    pub(crate) what: What,
}

/// Reports for one attachment. Waits while the driver is busy, so that a transport reads no faster
/// than the session takes.
#[derive(Debug, Clone)]
pub(crate) struct Reporter {
    pub(crate) generation: u64,
    pub(crate) reports: mpsc::Sender<Report>,
}

impl Reporter {
    /// A driver that is gone needs no report: its transports are about to be dropped.
    pub(crate) async fn say(&self, what: What) {
        let report = Report {
            generation: self.generation,
            what,
        };
        let _ = self.reports.send(report).await;
    }
}
