//! The WebSocket of one attachment, owned by the session's task.
//!
//! It must never decide what an envelope means.

use std::task::{Context, Poll};

use towpath_diagnosis::observation::AttachmentEnd;
use towpath_session::{Decoder, Envelope, Fault, whole};
use towpath_transport::socket::SocketError;
use towpath_transport::websocket::server::{Received, ServerSocket};
use towpath_websocket::CloseCode;

use crate::observe::{self, end_of};
use crate::stream::LegStream;

/// A client's WebSocket and what of an envelope has come over it.
#[derive(Debug)]
pub(super) struct Link {
    /// The attachment it belongs to; 0 before it has attached.
    pub(super) generation: u64,
    socket: ServerSocket<LegStream>,
    decoder: Decoder,
    /// Envelopes that came together with the attach.
    early: Vec<u8>,
    /// When it is dropped even if the client does not close its side.
    pub(super) closing_due: Option<u64>,
    /// Nothing more will come.
    pub(super) ended: bool,
}

/// What reading came to.
#[derive(Debug)]
pub(super) enum Read {
    /// So many bytes came.
    Some(usize),
    /// The client closed it in order.
    Closed,
    /// It ended, or broke, or the client does not speak WebSocket.
    Lost(AttachmentEnd),
    /// The client broke the session protocol.
    Fault(Fault),
}

impl Link {
    /// A WebSocket that has not attached.
    pub(super) fn new(stream: LegStream) -> Self {
        Self {
            generation: 0,
            socket: ServerSocket::new(stream),
            decoder: Decoder::new(),
            early: Vec::new(),
            closing_due: None,
            ended: false,
        }
    }

    /// Takes bytes that were read together with the handshake.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(Envelope<'_>) -> Result<(), Fault>,
    ) -> Read {
        let mut fault = None;
        let decoder = &mut self.decoder;
        let mut copy = bytes.to_vec();
        let read = self.socket.feed(&mut copy, |payload| {
            decode(decoder, payload, &mut fault, &mut take);
        });
        outcome(fault, read)
    }

    /// Keeps whole envelopes that came before the session was known. They go before what the decoder holds.
    pub(super) fn give_back(&mut self, envelopes: Vec<u8>) {
        self.early = envelopes;
    }

    /// Takes the envelopes that are there already.
    pub(super) fn drain(
        &mut self,
        mut take: impl FnMut(Envelope<'_>) -> Result<(), Fault>,
    ) -> Option<Fault> {
        let early = std::mem::take(&mut self.early);
        whole(&early).find_map(|envelope| match envelope {
            Ok(envelope) => take(envelope).err(),
            Err(malformed) => Some(Fault::Malformed(malformed)),
        })
    }

    /// Reads once.
    pub(super) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
        mut take: impl FnMut(Envelope<'_>) -> Result<(), Fault>,
    ) -> Poll<Read> {
        let mut fault = None;
        let decoder = &mut self.decoder;
        let read = self.socket.poll_receive(cx, scratch, |payload| {
            decode(decoder, payload, &mut fault, &mut take);
        });
        let Poll::Ready(read) = read else {
            return Poll::Pending;
        };
        if let Err(error) = &read {
            self.socket.close(error.close_code(), "");
        }
        Poll::Ready(outcome(fault, read))
    }

    /// Whether everything is written.
    pub(super) fn is_flushed(&self) -> bool {
        self.socket.is_flushed()
    }

    /// Queues one message.
    pub(super) fn queue(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.socket.queue(write);
    }

    /// Queues the close frame, once.
    pub(super) fn close(&mut self, code: CloseCode, due: u64) {
        if self.closing_due.is_none() {
            self.socket.close(code, "");
            self.closing_due = Some(due);
        }
    }

    /// Writes what is queued; an error is the end of the link.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.socket.poll_flush(cx)
    }

    /// Writes what is queued and ends the stream.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.socket.poll_shutdown(cx)
    }
}

fn outcome(fault: Option<Fault>, read: Result<Received, SocketError>) -> Read {
    match (fault, read) {
        (Some(fault), _) => Read::Fault(fault),
        (None, Ok(Received::Bytes(bytes))) => Read::Some(bytes),
        (None, Ok(Received::Closed)) => Read::Closed,
        (None, Ok(Received::Ended)) => Read::Lost(AttachmentEnd::EndOfStream),
        (None, Err(SocketError::Io(error))) => Read::Lost(end_of(&error)),
        (None, Err(_)) => Read::Lost(observe::outcome("malformed")),
    }
}

fn decode(
    decoder: &mut Decoder,
    payload: &[u8],
    fault: &mut Option<Fault>,
    mut take: impl FnMut(Envelope<'_>) -> Result<(), Fault>,
) {
    if fault.is_some() {
        return;
    }
    decoder.feed(payload);
    loop {
        let outcome = match decoder.next() {
            Ok(None) => return,
            Ok(Some(envelope)) => take(envelope),
            Err(malformed) => Err(Fault::Malformed(malformed)),
        };
        if let Err(error) = outcome {
            *fault = Some(error);
            return;
        }
    }
}
