//! Reading for a relay: payloads are handed on as they arrive, unmasked in place, and never assembled.
//!
//! [`crate::Connection`] reads on after a fault to see what else comes; this reader stops at the first one,
//! because what a relay has passed on cannot be taken back. It owns no buffer but for a control frame
//! that arrives in parts. Text is checked as it passes, unless it is compressed.

use crate::assemble::MessageKind;
use crate::close::{ClosePayload, parse_close};
use crate::deviation::{FrameDeviation, Severity};
use crate::frame::{FrameHeader, HEADER_BYTES_MAX, Opcode, Parsed};
use crate::judge::{Context, Role, judge};
use crate::mask;
use crate::utf8::{InvalidAt, Utf8Check};
use thiserror::Error;

/// A part of what the peer sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Payload of a message.
    Data {
        /// Whether the message is text.
        kind: MessageKind,
        /// The bytes, unmasked; empty only where they end a message.
        payload: &'a [u8],
        /// The message ends here.
        last: bool,
        /// The message is compressed (RFC 7692), and so are these bytes.
        compressed: bool,
    },
    /// A ping, to be answered with a pong of the same payload.
    Ping(&'a [u8]),
    /// A pong.
    Pong(&'a [u8]),
    /// The close frame. What comes behind it is dropped.
    Close(ClosePayload),
}

/// Why reading stopped for good.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PieceError {
    /// The peer broke the protocol.
    #[error("{0}")]
    Deviation(FrameDeviation),
    /// A message is larger than the limit of this end.
    #[error("a message of more than {max} bytes")]
    TooBig {
        /// The limit in bytes.
        max: u64,
    },
}

/// Finds the frames of one peer in a stream of bytes.
#[derive(Debug)]
pub struct PieceReader {
    sender: Role,
    deflate: bool,
    message_bytes_max: u64,
    /// Payload bytes of the open message that were announced so far.
    message_bytes: u64,
    message: Option<OpenMessage>,
    /// The text of the open message so far.
    utf8: Utf8Check,
    frame: Option<OpenFrame>,
    header: [u8; HEADER_BYTES_MAX],
    header_bytes: u8,
    closed: bool,
    /// Payload of a control frame that is not complete.
    control: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct OpenMessage {
    kind: MessageKind,
    compressed: bool,
}

#[derive(Clone, Copy, Debug)]
struct OpenFrame {
    opcode: Opcode,
    fin: bool,
    mask: Option<[u8; 4]>,
    length: u64,
    taken: u64,
}

impl PieceReader {
    /// Reads the frames that `sender` sends. `deflate` says whether permessage-deflate was agreed on;
    /// `message_bytes_max` bounds a message as it is on the wire.
    pub fn new(sender: Role, deflate: bool, message_bytes_max: u64) -> Self {
        Self {
            sender,
            deflate,
            message_bytes_max,
            message_bytes: 0,
            message: None,
            utf8: Utf8Check::default(),
            frame: None,
            header: [0; HEADER_BYTES_MAX],
            header_bytes: 0,
            closed: false,
            control: Vec::new(),
        }
    }

    /// A close frame has come.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// A message or a frame has begun and not ended.
    pub fn is_inside_message(&self) -> bool {
        self.message.is_some() || self.frame.is_some() || self.header_bytes > 0
    }

    /// Takes bytes from the front of `bytes`: how many, and what they were part of. Without a piece there is
    /// nothing more to be had from `bytes` once all are taken. After an error the reader is not to be used.
    pub fn next<'a>(
        &'a mut self,
        bytes: &'a mut [u8],
    ) -> Result<(usize, Option<Piece<'a>>), PieceError> {
        let mut used = 0;
        loop {
            if self.closed {
                return Ok((bytes.len(), None));
            }
            let Some(frame) = self.frame else {
                let (taken, complete) = self.take_header(&bytes[used..])?;
                used += taken;
                if !complete {
                    return Ok((used, None));
                }
                continue;
            };
            let missing = usize::try_from(frame.length - frame.taken).unwrap_or(usize::MAX);
            let taken = missing.min(bytes.len() - used);
            if taken == 0 && missing > 0 {
                return Ok((used, None));
            }
            let complete = taken == missing;
            let payload = used..used + taken;
            used += taken;
            if let Some(key) = frame.mask {
                mask::apply(key, frame.taken, &mut bytes[payload.clone()]);
            }
            self.frame = (!complete).then_some(OpenFrame {
                taken: frame.taken + taken as u64,
                ..frame
            });
            if frame.opcode.is_control() {
                let whole = complete && self.control.is_empty();
                if !whole {
                    self.control.extend_from_slice(&bytes[payload.clone()]);
                }
                if complete {
                    let piece = self.control_piece(frame.opcode, whole.then(|| &bytes[payload]))?;
                    return Ok((used, Some(piece)));
                }
                continue;
            }
            let last = complete && frame.fin;
            let Some(message) = self.message else {
                continue;
            };
            if message.kind == MessageKind::Text && !message.compressed {
                self.check_text(&bytes[payload.clone()], last)?;
            }
            if last {
                self.message = None;
            }
            if last || taken > 0 {
                let piece = Piece::Data {
                    kind: message.kind,
                    payload: &bytes[payload],
                    last,
                    compressed: message.compressed,
                };
                return Ok((used, Some(piece)));
            }
        }
    }

    /// Gathers a header: how many bytes it took, and whether a frame has begun.
    fn take_header(&mut self, bytes: &[u8]) -> Result<(usize, bool), PieceError> {
        let had = usize::from(self.header_bytes);
        let room = bytes.len().min(HEADER_BYTES_MAX - had);
        self.header[had..had + room].copy_from_slice(&bytes[..room]);
        let Parsed::Header { header, size } = FrameHeader::parse(&self.header[..had + room]) else {
            self.header_bytes = u8::try_from(had + room).expect("a header has at most 14 bytes");
            return Ok((room, false));
        };
        self.header_bytes = 0;
        self.begin(&header)?;
        Ok((size - had, true))
    }

    fn begin(&mut self, header: &FrameHeader) -> Result<(), PieceError> {
        let context = Context {
            sender: self.sender,
            deflate: self.deflate,
            message_open: self.message.is_some(),
        };
        let mut gravest = None;
        judge(header, &context, |deviation| {
            if deviation.severity() == Severity::MustFail && gravest.is_none() {
                gravest = Some(deviation);
            }
        });
        if let Some(deviation) = gravest {
            return Err(PieceError::Deviation(deviation));
        }
        let kind = match header.opcode {
            Opcode::Text => Some(MessageKind::Text),
            Opcode::Binary => Some(MessageKind::Binary),
            _ => None,
        };
        if let Some(kind) = kind {
            self.message_bytes = 0;
            self.utf8 = Utf8Check::default();
            self.message = Some(OpenMessage {
                kind,
                compressed: header.rsv1,
            });
        }
        if header.opcode.is_control() {
            self.control = Vec::new();
        } else {
            self.message_bytes = self.message_bytes.saturating_add(header.length);
            if self.message_bytes > self.message_bytes_max {
                let max = self.message_bytes_max;
                return Err(PieceError::TooBig { max });
            }
        }
        self.frame = Some(OpenFrame {
            opcode: header.opcode,
            fin: header.fin,
            mask: header.mask,
            length: header.length,
            taken: 0,
        });
        Ok(())
    }

    fn check_text(&mut self, payload: &[u8], last: bool) -> Result<(), PieceError> {
        let mut checked = self.utf8.push(payload);
        if last {
            checked = checked.and(std::mem::take(&mut self.utf8).finish());
        }
        checked.map_err(|InvalidAt(byte_offset)| {
            PieceError::Deviation(FrameDeviation::InvalidUtf8 { byte_offset })
        })
    }

    /// `whole` where the payload came in one part; otherwise it is what was gathered.
    fn control_piece<'a>(
        &'a mut self,
        opcode: Opcode,
        whole: Option<&'a [u8]>,
    ) -> Result<Piece<'a>, PieceError> {
        if opcode == Opcode::Close {
            let gathered = std::mem::take(&mut self.control);
            let close = parse_close(whole.unwrap_or(&gathered));
            if let Some(deviation) = close.deviations.first() {
                return Err(PieceError::Deviation(deviation.clone()));
            }
            self.closed = true;
            return Ok(Piece::Close(close));
        }
        let payload = whole.unwrap_or(&self.control);
        Ok(match opcode {
            Opcode::Ping => Piece::Ping(payload),
            _ => Piece::Pong(payload),
        })
    }
}

#[cfg(test)]
mod tests;
