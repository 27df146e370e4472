//! A WebSocket over any byte stream, for a relay: payloads pass through as they arrive, and no buffer is owned
//! while nothing is on its way.
//!
//! It is polled by one task together with everything else that task owns, so that one wake-up costs one read
//! and one write. It answers pings by itself and must never assemble a message.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use towpath_websocket::{
    CloseCode, FrameHeader, Opcode, Piece, PieceError, PieceReader, Role, encode_close,
    encode_frame,
};

/// Queued bytes above which nothing more is read, since reading can queue pongs.
const QUEUED_BYTES_MAX: usize = 256 * 1024;

/// Bytes of a frame header without a mask, for payloads up to 65,535 bytes.
const SHORT_HEADER_BYTES_MAX: usize = 4;

/// Why a WebSocket can no longer be read.
#[derive(Debug, Error)]
pub enum SocketError {
    /// The stream failed.
    #[error("the stream failed")]
    Io(#[source] io::Error),
    /// The peer broke the protocol of RFC 6455, or a limit.
    #[error("the peer broke a rule of WebSocket: {0}")]
    Frames(PieceError),
    /// A text message where only binary ones have a meaning.
    #[error("a text message on a socket of envelopes")]
    NotBinary,
}

impl SocketError {
    /// The code of the close frame to send.
    pub fn close_code(&self) -> CloseCode {
        match self {
            Self::Io(_) => CloseCode::GOING_AWAY,
            Self::Frames(PieceError::Deviation(deviation)) => deviation.close_code(),
            Self::Frames(PieceError::TooBig { .. }) => CloseCode::TOO_BIG,
            Self::NotBinary => CloseCode(1003),
        }
    }
}

/// An open WebSocket.
#[derive(Debug)]
pub struct Socket<S> {
    stream: S,
    reader: PieceReader,
    role: Role,
    /// Where the next mask comes from. Masks keep scripts from choosing the bytes on the wire.
    masks: u64,
    /// Frames that are not written.
    queued: Vec<u8>,
    written: usize,
    close_sent: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// This end is `role`; `message_bytes_max` bounds a message of the peer. Compression is not agreed on.
    pub fn new(stream: S, role: Role, message_bytes_max: u64) -> Self {
        Self {
            stream,
            reader: PieceReader::new(role.peer(), false, message_bytes_max),
            role,
            masks: seed(role),
            queued: Vec::new(),
            written: 0,
            close_sent: false,
        }
    }

    /// Reads once, into `scratch`, and hands over what it was. `0` is the end of the stream.
    ///
    /// Nothing is read while much is queued: the peer that asks must also take.
    pub fn poll_pieces(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
        take: impl FnMut(Piece<'_>),
    ) -> Poll<Result<usize, SocketError>> {
        if self.queued.len() - self.written > QUEUED_BYTES_MAX {
            return Poll::Pending;
        }
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)).map_err(SocketError::Io)?;
        let filled = buffer.filled_mut();
        let bytes = filled.len();
        self.feed(filled, take)?;
        Poll::Ready(Ok(bytes))
    }

    /// Takes bytes that were read elsewhere, for example together with the handshake's answer.
    pub fn feed(
        &mut self,
        bytes: &mut [u8],
        mut take: impl FnMut(Piece<'_>),
    ) -> Result<(), SocketError> {
        let mut at = 0;
        while at < bytes.len() {
            let (used, piece) = self
                .reader
                .next(&mut bytes[at..])
                .map_err(SocketError::Frames)?;
            at += used;
            match piece {
                None => {}
                Some(Piece::Ping(payload)) if !self.close_sent => {
                    let header = FrameHeader::pong(payload.len());
                    let mask = (self.role == Role::Client).then(|| next_mask(&mut self.masks));
                    encode_frame(&FrameHeader { mask, ..header }, payload, &mut self.queued);
                }
                Some(piece) => take(piece),
            }
        }
        Ok(())
    }

    /// A close frame has come.
    pub fn is_closed_by_peer(&self) -> bool {
        self.reader.is_closed()
    }

    /// A close frame is written or queued.
    pub fn is_closed_by_us(&self) -> bool {
        self.close_sent
    }

    /// Queues one frame. `header` is without a mask; nothing is queued behind a close frame.
    pub fn queue(&mut self, header: FrameHeader, payload: &[u8]) {
        if self.close_sent {
            return;
        }
        let mask = (self.role == Role::Client).then(|| next_mask(&mut self.masks));
        encode_frame(&FrameHeader { mask, ..header }, payload, &mut self.queued);
    }

    /// Queues one unmasked frame whose payload is what `write` appends, at most 65,535 bytes; nothing for nothing.
    pub fn queue_with(&mut self, opcode: Opcode, write: impl FnOnce(&mut Vec<u8>)) {
        debug_assert_eq!(self.role, Role::Server, "a client has to mask");
        if self.close_sent {
            return;
        }
        let start = self.queued.len();
        self.queued.extend([0; SHORT_HEADER_BYTES_MAX]);
        write(&mut self.queued);
        let payload = start + SHORT_HEADER_BYTES_MAX;
        let length = self.queued.len() - payload;
        if length == 0 {
            self.queued.truncate(start);
            return;
        }
        let mut header = Vec::with_capacity(SHORT_HEADER_BYTES_MAX);
        FrameHeader::new(opcode, length).encode(&mut header);
        debug_assert!(header.len() <= SHORT_HEADER_BYTES_MAX, "{length} bytes");
        self.queued[start..start + header.len()].copy_from_slice(&header);
        self.queued.copy_within(payload.., start + header.len());
        self.queued.truncate(start + header.len() + length);
    }

    /// Queues the close frame, once. Without a code its payload is empty.
    pub fn queue_close(&mut self, code: Option<CloseCode>, reason: &[u8]) {
        let payload = code.map_or_else(Vec::new, |code| encode_close(code, reason));
        self.queue(FrameHeader::close(payload.len()), &payload);
        self.close_sent = true;
    }

    /// Bytes that are queued and not written.
    pub fn queued_bytes(&self) -> usize {
        self.queued.len() - self.written
    }

    /// Whether everything queued is written.
    pub fn is_flushed(&self) -> bool {
        self.queued.is_empty()
    }

    /// Writes what is queued, and gives its memory back.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.queued.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while self.written < self.queued.len() {
            let rest = &self.queued[self.written..];
            let bytes = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if bytes == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += bytes;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.queued = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    /// Ends the stream in this direction once everything is written.
    pub fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    /// The stream below.
    pub fn stream(&self) -> &S {
        &self.stream
    }
}

/// A start for the masks that nobody else can know.
fn seed(role: Role) -> u64 {
    if role == Role::Server {
        return 0;
    }
    getrandom::u64().expect("the system has random bytes")
}

/// The next mask of a splitmix64 sequence: cheap, and not to be foretold without the start.
fn next_mask(state: &mut u64) -> [u8; 4] {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let [a, b, c, d, ..] = (mixed ^ (mixed >> 31)).to_be_bytes();
    [a, b, c, d]
}

#[cfg(test)]
mod tests;
