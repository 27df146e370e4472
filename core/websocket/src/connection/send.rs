//! Writing: well-formed frames only. For wrong ones there is [`crate::specimen()`] and
//! [`crate::encode_frame`].

use super::Connection;
use crate::assemble::MessageKind;
use crate::close::{CloseCode, encode_close, fit_reason};
use crate::frame::{FrameHeader, Opcode, encode_frame};
use crate::judge::Role;
use std::num::NonZeroUsize;
use thiserror::Error;

/// Why nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum SendError {
    /// A close frame went out before.
    #[error("the connection is closing, nothing may be sent any more")]
    Closing,
    /// A ping or pong of more than 125 bytes.
    #[error("a control frame of {bytes} bytes is too long, the most is 125")]
    ControlTooLong {
        /// Its payload.
        bytes: usize,
    },
    /// A close code that may not be on the wire.
    #[error("the close code {0} must not be sent")]
    CloseCode(CloseCode),
}

/// All writers take `mask_key`, which a client calls once a frame and a server never: it has to give
/// four bytes that nobody can foretell (RFC 6455 section 10.3).
impl Connection {
    /// Appends a text message to `out`, compressed where that is agreed on and worth it.
    pub fn send_text(
        &mut self,
        text: &str,
        mask_key: impl FnMut() -> [u8; 4],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.send(MessageKind::Text, text.as_bytes(), None, mask_key, out)
    }

    /// Appends a binary message to `out`, compressed where that is agreed on and worth it.
    pub fn send_binary(
        &mut self,
        payload: &[u8],
        mask_key: impl FnMut() -> [u8; 4],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.send(MessageKind::Binary, payload, None, mask_key, out)
    }

    /// Appends a message to `out`. With `fragment_bytes` it goes in frames of that size; fragments may cut
    /// characters. `payload` has to be UTF-8 where `kind` is text.
    pub fn send(
        &mut self,
        kind: MessageKind,
        payload: &[u8],
        fragment_bytes: Option<NonZeroUsize>,
        mut mask_key: impl FnMut() -> [u8; 4],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.check_open()?;
        let is_worth_it = self.deflate && payload.len() >= self.limits.compress_bytes_min;
        let compressed = if is_worth_it {
            self.deflater.deflate(payload)
        } else {
            None
        };
        let rsv1 = compressed.is_some();
        let content = compressed.as_deref().unwrap_or(payload);
        let size = fragment_bytes.map_or(content.len().max(1), NonZeroUsize::get);
        let opcode = match kind {
            MessageKind::Text => Opcode::Text,
            MessageKind::Binary => Opcode::Binary,
        };
        // An empty message is one empty frame, though it has no chunk.
        let frames = content.len().div_ceil(size).max(1);
        for at in 0..frames {
            let fragment = &content[at * size..content.len().min((at + 1) * size)];
            let opcode = if at == 0 {
                opcode
            } else {
                Opcode::Continuation
            };
            let mut header = FrameHeader::new(opcode, fragment.len());
            header.fin = at + 1 == frames;
            header.rsv1 = rsv1 && at == 0;
            self.write(header, fragment, &mut mask_key, out);
        }
        Ok(())
    }

    /// Appends a ping of at most 125 bytes to `out`.
    pub fn send_ping(
        &mut self,
        payload: &[u8],
        mask_key: impl FnMut() -> [u8; 4],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.send_control(Opcode::Ping, payload, mask_key, out)
    }

    /// Appends a pong of at most 125 bytes to `out`.
    pub fn send_pong(
        &mut self,
        payload: &[u8],
        mask_key: impl FnMut() -> [u8; 4],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.send_control(Opcode::Pong, payload, mask_key, out)
    }

    /// Appends a close frame to `out`, without payload where `code` is `None`. A reason that is too long
    /// is cut between characters.
    pub fn send_close(
        &mut self,
        code: Option<CloseCode>,
        reason: &str,
        mask_key: impl FnMut() -> [u8; 4],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let payload = match code {
            None => Vec::new(),
            Some(code) if code.may_be_sent() => encode_close(code, fit_reason(reason).as_bytes()),
            Some(code) => return Err(SendError::CloseCode(code)),
        };
        self.send_control(Opcode::Close, &payload, mask_key, out)?;
        self.close_sent = true;
        Ok(())
    }

    fn send_control(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        mut mask_key: impl FnMut() -> [u8; 4],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.check_open()?;
        let bytes = payload.len();
        if bytes > 125 {
            return Err(SendError::ControlTooLong { bytes });
        }
        self.write(FrameHeader::new(opcode, bytes), payload, &mut mask_key, out);
        Ok(())
    }

    fn write(
        &self,
        header: FrameHeader,
        payload: &[u8],
        mask_key: &mut impl FnMut() -> [u8; 4],
        out: &mut Vec<u8>,
    ) {
        let header = match self.role {
            Role::Client => header.masked(mask_key()),
            Role::Server => header,
        };
        encode_frame(&header, payload, out);
    }

    fn check_open(&self) -> Result<(), SendError> {
        if self.close_sent {
            Err(SendError::Closing)
        } else {
            Ok(())
        }
    }
}
