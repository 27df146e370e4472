//! Fragments into one message: order is the connection's affair, this holds the bytes, the running
//! UTF-8 check and the limits (RFC 6455 section 5.4).
//!
//! It never gives up on bad text: the message is delivered as it came, and the deviation says where it
//! goes wrong.

use crate::deflate::{InflateError, Inflater};
use crate::deviation::FrameDeviation;
use crate::limits::{Limit, Limits};
use crate::mask;
use crate::utf8::{InvalidAt, Utf8Check};
use std::borrow::Cow;

/// Text or bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// UTF-8 text, or what claims to be.
    Text,
    /// Bytes.
    Binary,
}

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// As its first frame said.
    pub kind: MessageKind,
    /// The content, decompressed. For text that was reported as invalid it is not UTF-8.
    pub payload: Vec<u8>,
    /// How many frames brought it.
    pub frames: u32,
    /// It came compressed.
    pub compressed: bool,
}

impl Message {
    /// The text of a text message, `None` for bytes and for text that is not UTF-8.
    pub fn as_text(&self) -> Option<&str> {
        match self.kind {
            MessageKind::Text => std::str::from_utf8(&self.payload).ok(),
            MessageKind::Binary => None,
        }
    }
}

/// Why a piece was not added without remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The peer deviates.
    Deviation(FrameDeviation),
    /// The message is too large and has been discarded.
    OverLimit(Limit),
}

/// A message on its way.
#[derive(Debug)]
pub struct Assembler {
    message: Message,
    utf8: Option<Utf8Check>,
    /// The content is lost; what still belongs to the message is read and dropped.
    discarded: bool,
}

impl Assembler {
    /// Begins a message; `compressed` only where compression is agreed on.
    pub fn new(kind: MessageKind, compressed: bool) -> Self {
        let utf8 = (kind == MessageKind::Text).then(Utf8Check::default);
        let message = Message {
            kind,
            payload: Vec::new(),
            frames: 0,
            compressed,
        };
        Self {
            message,
            utf8,
            discarded: false,
        }
    }

    /// A frame of `length` bytes begins. Room for it is claimed only as its bytes arrive.
    pub fn begin_frame(
        &mut self,
        length: u64,
        inflater: &mut Inflater,
        limits: &Limits,
    ) -> Option<Remark> {
        if self.discarded {
            return None;
        }
        self.message.frames = self.message.frames.saturating_add(1);
        if self.message.frames > limits.frames_per_message_max {
            if self.message.compressed {
                inflater.abandon();
            }
            return Some(self.discard(Limit::FramesPerMessage));
        }
        // The size of a compressed message is known only when it is decompressed.
        let total = length.saturating_add(self.message.payload.len() as u64);
        if !self.message.compressed && total > limits.message_bytes_max as u64 {
            return Some(self.discard(Limit::MessageBytes));
        }
        None
    }

    /// Adds payload bytes as they came; `mask` is the key and the place of `piece` in its frame.
    ///
    /// Two remarks come where the text goes wrong before the compression does. What is said does not
    /// depend on how the payload was cut into pieces.
    pub fn push(
        &mut self,
        piece: &[u8],
        mask: Option<([u8; 4], u64)>,
        inflater: &mut Inflater,
        limits: &Limits,
    ) -> [Option<Remark>; 2] {
        if self.discarded {
            return [None, None];
        }
        let start = self.message.payload.len();
        if self.message.compressed {
            let mut piece = Cow::Borrowed(piece);
            if let Some((key, position)) = mask {
                mask::apply(key, position, piece.to_mut());
            }
            let max = limits.message_bytes_max;
            if let Err(error) = inflater.push(&piece, &mut self.message.payload, max) {
                // What came out before the failure is as valid or invalid as in smaller pieces.
                self.message.payload.truncate(max);
                return [self.check_text(start), Some(self.inflate_failed(error))];
            }
        } else {
            self.message.payload.extend_from_slice(piece);
            if let Some((key, position)) = mask {
                mask::apply(key, position, &mut self.message.payload[start..]);
            }
        }
        [self.check_text(start), None]
    }

    /// The last frame is complete. `None` for a message that was discarded.
    pub fn finish(
        mut self,
        inflater: &mut Inflater,
        limits: &Limits,
    ) -> (Option<Message>, Option<Remark>) {
        if self.discarded {
            return (None, None);
        }
        let start = self.message.payload.len();
        let mut remark = None;
        if self.message.compressed {
            if let Err(error) = inflater.finish(&mut self.message.payload, limits.message_bytes_max)
            {
                return (None, Some(self.inflate_failed(error)));
            }
            remark = self.check_text(start);
        }
        if let Some(check) = self.utf8
            && let Err(InvalidAt(byte_offset)) = check.finish()
        {
            remark = Some(Remark::Deviation(FrameDeviation::InvalidUtf8 {
                byte_offset,
            }));
        }
        (Some(self.message), remark)
    }

    /// Bytes held.
    pub fn held_bytes(&self) -> usize {
        self.message.payload.capacity()
    }

    /// Drops a message whose end will not come.
    pub fn abandon(self, inflater: &mut Inflater) {
        if self.message.compressed && !self.discarded {
            inflater.abandon();
        }
    }

    /// Checks the text from `start` on; the first bad byte ends the checking.
    fn check_text(&mut self, start: usize) -> Option<Remark> {
        let check = self.utf8.as_mut()?;
        let InvalidAt(byte_offset) = check.push(&self.message.payload[start..]).err()?;
        self.utf8 = None;
        Some(Remark::Deviation(FrameDeviation::InvalidUtf8 {
            byte_offset,
        }))
    }

    fn inflate_failed(&mut self, error: InflateError) -> Remark {
        let over_limit = self.discard(Limit::MessageBytes);
        match error {
            InflateError::TooLarge | InflateError::WindowLost => over_limit,
            InflateError::Invalid => Remark::Deviation(FrameDeviation::InflateFailed),
        }
    }

    fn discard(&mut self, limit: Limit) -> Remark {
        self.discarded = true;
        self.message.payload = Vec::new();
        Remark::OverLimit(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Limits = Limits {
        message_bytes_max: 8,
        frames_per_message_max: 3,
        deviations_max: 64,
        compress_bytes_min: 0,
        stop_at: None,
    };

    fn assemble(kind: MessageKind, frames: &[&[u8]]) -> (Option<Message>, Vec<Remark>) {
        let mut inflater = Inflater::new(false);
        let mut assembler = Assembler::new(kind, false);
        let mut remarks = Vec::new();
        for frame in frames {
            remarks.extend(assembler.begin_frame(frame.len() as u64, &mut inflater, &SMALL));
            remarks.extend(
                assembler
                    .push(frame, None, &mut inflater, &SMALL)
                    .into_iter()
                    .flatten(),
            );
        }
        let (message, remark) = assembler.finish(&mut inflater, &SMALL);
        remarks.extend(remark);
        (message, remarks)
    }

    #[test]
    fn fragments_are_joined_and_characters_may_be_cut() {
        let (message, remarks) = assemble(MessageKind::Text, &[b"a\xe2", b"\x82\xac"]);
        let message = message.expect("it is within the limits");
        assert_eq!((message.as_text(), message.frames), (Some("a€"), 2));
        assert_eq!(remarks, []);
    }

    #[test]
    fn bad_text_is_reported_once_and_delivered() {
        for frames in [&[&b"ab\xff"[..], b"\xff"][..], &[b"ab\xe2\x82"]] {
            let (message, remarks) = assemble(MessageKind::Text, frames);
            let invalid = FrameDeviation::InvalidUtf8 { byte_offset: 2 };
            assert_eq!(remarks, [Remark::Deviation(invalid)]);
            let message = message.expect("it is delivered");
            assert_eq!(message.as_text(), None);
            assert_eq!(message.payload, frames.concat());
        }
    }

    #[test]
    fn limits_discard_the_message_and_are_reported_once() {
        let (message, remarks) = assemble(MessageKind::Binary, &[&[0; 5], &[0; 4], &[0; 9]]);
        assert_eq!(
            (message, remarks),
            (None, vec![Remark::OverLimit(Limit::MessageBytes)])
        );
        let (message, remarks) = assemble(MessageKind::Binary, &[b"", b"", b"", b"", b""]);
        assert_eq!(
            (message, remarks),
            (None, vec![Remark::OverLimit(Limit::FramesPerMessage)])
        );
        assert!(
            assemble(MessageKind::Binary, &[&[0; 4], &[0; 4]])
                .0
                .is_some()
        );
    }
}
