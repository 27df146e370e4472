//! permessage-deflate on the client's leg for a backend that has none (RFC 7692).
//!
//! Each message is compressed by itself, so that an idle connection holds no state, and states are shared:
//! one compressor a thread, and decompressors only for messages that are under way. Memory is bounded
//! whatever a message claims to be.

use std::io;

use http::HeaderMap;
use http::header;
use towpath_websocket::{
    ClosePayload, DeflateParameters, FrameHeader, MessageKind, Opcode, encode_close, encode_frame,
};

use crate::upgrade;

mod down;
mod up;

pub(super) use down::Down;
pub(super) use up::Up;

/// Rewrites the frames of one direction.
pub(super) trait Translate: Send + std::fmt::Debug {
    /// Takes bytes as they arrived, which may be changed in place; gives those to send on. What would be
    /// too much at a time is kept for [`Translate::go_on`].
    fn take(&mut self, bytes: &mut [u8]) -> io::Result<Vec<u8>>;

    /// More to send on of what was kept; nothing when nothing is kept.
    fn go_on(&mut self) -> io::Result<Option<Vec<u8>>>;
}

/// What the gateway agrees on with a client that offers compression, when the backend has agreed on no
/// extension at all: with another one, nobody here knows what its frames mean.
pub(super) fn agreed(of_client: &HeaderMap, of_backend: &HeaderMap) -> Option<DeflateParameters> {
    if of_backend.contains_key(header::SEC_WEBSOCKET_EXTENSIONS) {
        return None;
    }
    upgrade::agreed_deflate(of_client)
}

/// The pieces of one message as frames.
#[derive(Debug, Default)]
struct Fragments {
    begun: bool,
}

impl Fragments {
    /// The header of the next frame.
    fn next(&mut self, kind: MessageKind, length: usize, last: bool) -> FrameHeader {
        let opcode = match kind {
            _ if self.begun => Opcode::Continuation,
            MessageKind::Text => Opcode::Text,
            MessageKind::Binary => Opcode::Binary,
        };
        self.begun = !last;
        let header = FrameHeader::new(opcode, length);
        if last { header } else { header.unfinished() }
    }
}

/// Appends a frame, masked where there is a key.
fn write(mut header: FrameHeader, key: Option<[u8; 4]>, payload: &[u8], out: &mut Vec<u8>) {
    header.mask = key;
    encode_frame(&header, payload, out);
}

/// Appends a control frame.
fn write_control(opcode: Opcode, key: Option<[u8; 4]>, payload: &[u8], out: &mut Vec<u8>) {
    write(FrameHeader::new(opcode, payload.len()), key, payload, out);
}

/// Appends a close frame as it came.
fn write_close(close: &ClosePayload, key: Option<[u8; 4]>, out: &mut Vec<u8>) {
    let code = close.code;
    let payload = code.map(|code| encode_close(code, close.reason.as_bytes()));
    write_control(Opcode::Close, key, &payload.unwrap_or_default(), out);
}

/// What a peer sent cannot be read.
fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests;
