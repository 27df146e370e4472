//! The gateway's end of `websocket`: binary messages, each of whole envelopes.
//!
//! Pings of RFC 6455 are answered and never sent: what a browser's page cannot see proves nothing to it.
//! No buffer is owned while nothing is on its way.

use std::io;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use towpath_websocket::{CloseCode, ClosePayload, MessageKind, Opcode, Piece, Role};

use crate::socket::{Socket, SocketError};

/// The subprotocol of this version of the session protocol.
pub const SUBPROTOCOL: &str = "towpath.1";

/// The largest message that is sent, in bytes. One less than the protocol allows keeps the header short.
pub const MESSAGE_BYTES_MAX: usize = 65_535;

/// The largest message that is read, in bytes.
const RECEIVED_BYTES_MAX: u64 = 65_536;

/// One client's WebSocket.
#[derive(Debug)]
pub struct ServerSocket<S> {
    socket: Socket<S>,
}

/// What reading came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// So many bytes were read, and their payload handed over.
    Bytes(usize),
    /// The client closed the WebSocket in order.
    Closed,
    /// The stream ended without a close frame.
    Ended,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ServerSocket<S> {
    /// A socket whose handshake is complete.
    pub fn new(stream: S) -> Self {
        Self {
            socket: Socket::new(stream, Role::Server, RECEIVED_BYTES_MAX),
        }
    }

    /// Reads once. Payload goes to `take` as it comes, cut anywhere; `scratch` is only used meanwhile.
    pub fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
        take: impl FnMut(&[u8]),
    ) -> Poll<Result<Received, SocketError>> {
        let mut seen = Seen::new(take);
        let bytes = ready!(
            self.socket
                .poll_pieces(cx, scratch, |piece| seen.take(piece))
        )?;
        let (closed, text) = (seen.closed, seen.text);
        if bytes == 0 {
            return Poll::Ready(Ok(Received::Ended));
        }
        Poll::Ready(self.received(bytes, closed, text))
    }

    /// Takes bytes that were read together with the handshake.
    pub fn feed(
        &mut self,
        bytes: &mut [u8],
        take: impl FnMut(&[u8]),
    ) -> Result<Received, SocketError> {
        let mut seen = Seen::new(take);
        self.socket.feed(bytes, |piece| seen.take(piece))?;
        let (closed, text) = (seen.closed, seen.text);
        self.received(bytes.len(), closed, text)
    }

    fn received(
        &mut self,
        bytes: usize,
        closed: Option<ClosePayload>,
        text: bool,
    ) -> Result<Received, SocketError> {
        if text {
            return Err(SocketError::NotBinary);
        }
        if let Some(close) = closed {
            self.socket.queue_close(close.code, b"");
            return Ok(Received::Closed);
        }
        Ok(Received::Bytes(bytes))
    }

    /// Whether everything queued is written.
    pub fn is_flushed(&self) -> bool {
        self.socket.is_flushed()
    }

    /// Queues one message: what `write` appends, at most [`MESSAGE_BYTES_MAX`]. Nothing for nothing.
    pub fn queue(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.socket.queue_with(Opcode::Binary, write);
    }

    /// Queues the close frame, once.
    pub fn close(&mut self, code: CloseCode, reason: &str) {
        self.socket.queue_close(Some(code), reason.as_bytes());
    }

    /// Writes what is queued.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_flush(cx)
    }

    /// Ends the stream once everything is written.
    pub fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_shutdown(cx)
    }

    /// The stream below.
    pub fn stream(&self) -> &S {
        self.socket.stream()
    }
}

/// What one read brought besides payload.
struct Seen<F> {
    take: F,
    closed: Option<ClosePayload>,
    text: bool,
}

impl<F: FnMut(&[u8])> Seen<F> {
    fn new(take: F) -> Self {
        Self {
            take,
            closed: None,
            text: false,
        }
    }

    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Data { kind, payload, .. } => {
                self.text |= kind == MessageKind::Text;
                (self.take)(payload);
            }
            Piece::Close(close) => self.closed = Some(close),
            Piece::Ping(_) | Piece::Pong(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
