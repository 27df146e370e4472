//! The gateway's end of `websocket`: binary messages, each of whole envelopes.
//!
//! Pings of RFC 6455 are answered and never sent: what a browser's page cannot see proves nothing to it.
//! No buffer is owned while nothing is on its way.

use std::io;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use towpath_websocket::{CloseCode, MessageKind, Opcode, Piece, Role};

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
        mut take: impl FnMut(&[u8]),
    ) -> Poll<Result<Received, SocketError>> {
        let mut ended = None;
        let mut text = false;
        let bytes = ready!(self.socket.poll_pieces(cx, scratch, |piece| match piece {
            Piece::Data { kind, payload, .. } => {
                text |= kind == MessageKind::Text;
                take(payload);
            }
            Piece::Close(close) => ended = Some(close.code),
            Piece::Ping(_) | Piece::Pong(_) => {}
        }))?;
        if text {
            return Poll::Ready(Err(SocketError::NotBinary));
        }
        if let Some(code) = ended {
            self.socket.queue_close(code, b"");
            return Poll::Ready(Ok(Received::Closed));
        }
        Poll::Ready(Ok(if bytes == 0 {
            Received::Ended
        } else {
            Received::Bytes(bytes)
        }))
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

#[cfg(test)]
mod tests;
