//! Items: what a session carries exactly once and in order. It never looks into a payload, except into a close.

use bytes::Bytes;

use crate::limits::{CLOSE_REASON_BYTES_MAX, ITEM_COST};
use crate::number;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A whole text message or its last piece.
    Text,
    /// A piece of a text message, more follow. It may be cut within a character.
    TextMore,
    /// A whole binary message or its last piece.
    Binary,
    /// A piece of a binary message, more follow.
    BinaryMore,
    /// Down only: the backend accepted. JSON, [`crate::body::Opened`].
    Opened,
    /// Down only: the backend refused. JSON, [`crate::body::Refused`].
    Refused,
    /// The last item: [`Close`].
    Close,
}

impl Kind {
    /// The type byte of the envelope.
    pub fn byte(self) -> u8 {
        match self {
            Self::Text => 0x10,
            Self::TextMore => 0x11,
            Self::Binary => 0x12,
            Self::BinaryMore => 0x13,
            Self::Opened => 0x14,
            Self::Refused => 0x15,
            Self::Close => 0x16,
        }
    }

    /// The kind of a type byte.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0x10 => Self::Text,
            0x11 => Self::TextMore,
            0x12 => Self::Binary,
            0x13 => Self::BinaryMore,
            0x14 => Self::Opened,
            0x15 => Self::Refused,
            0x16 => Self::Close,
            _ => return None,
        })
    }

    /// The name of the envelope in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::TextMore => "text-more",
            Self::Binary => "binary",
            Self::BinaryMore => "binary-more",
            Self::Opened => "opened",
            Self::Refused => "refused",
            Self::Close => "close",
        }
    }
}

/// An item with its payload, as the outbox keeps it and the inbox delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its place in its direction, counted from 1.
    pub sequence: u64,
    /// What it is.
    pub kind: Kind,
    /// Its content.
    pub payload: Bytes,
}

impl Item {
    /// What the item counts against windows and limits.
    pub fn cost(&self) -> u64 {
        cost(self.payload.len())
    }

    /// The same item, borrowed.
    pub fn part(&self) -> Part<'_> {
        Part {
            sequence: self.sequence,
            kind: self.kind,
            payload: &self.payload,
        }
    }
}

/// An item as it was decoded: the payload is still in the receive buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its place in its direction, counted from 1.
    pub sequence: u64,
    /// What it is.
    pub kind: Kind,
    /// Its content.
    pub payload: &'a [u8],
}

impl Part<'_> {
    /// Bytes of the whole envelope.
    pub fn encoded_length(&self) -> usize {
        let body = number::length(self.sequence) + self.payload.len();
        1 + number::length(body as u64) + body
    }

    /// Appends the envelope.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let body = number::length(self.sequence) + self.payload.len();
        out.push(self.kind.byte());
        number::write(body as u64, out);
        number::write(self.sequence, out);
        out.extend_from_slice(self.payload);
    }
}

/// What a payload of that many bytes counts against windows and limits.
pub fn cost(payload_bytes: usize) -> u64 {
    payload_bytes as u64 + ITEM_COST
}

/// Cuts a message into pieces of at most `piece_bytes`, without copying. `kind` is [`Kind::Text`] or [`Kind::Binary`]. An empty
/// message is one empty piece.
pub fn pieces(
    kind: Kind,
    mut message: Bytes,
    piece_bytes: usize,
) -> impl Iterator<Item = (Kind, Bytes)> {
    let more = match kind {
        Kind::Text => Kind::TextMore,
        Kind::Binary => Kind::BinaryMore,
        other => other,
    };
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        if message.len() <= piece_bytes {
            done = true;
            return Some((kind, std::mem::take(&mut message)));
        }
        Some((more, message.split_to(piece_bytes)))
    })
}

/// The content of a close.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Close {
    /// The close code; none where the application gave none.
    pub code: Option<u16>,
    /// The reason, at most 123 bytes.
    pub reason: String,
}

impl Close {
    /// A close with a code. A reason that is too long is cut at a character.
    pub fn new(code: u16, reason: &str) -> Self {
        let mut end = reason.len().min(CLOSE_REASON_BYTES_MAX);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            code: Some(code),
            reason: reason[..end].to_owned(),
        }
    }

    /// The payload of the item. Without a code there is no reason.
    pub fn payload(&self) -> Bytes {
        let Some(code) = self.code else {
            return Bytes::new();
        };
        let mut payload = code.to_be_bytes().to_vec();
        payload.extend_from_slice(self.reason.as_bytes());
        payload.into()
    }

    /// Reads a payload; nothing where it cannot be one.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        if payload.is_empty() {
            return Some(Self::default());
        }
        let (code, reason) = payload.split_first_chunk::<2>()?;
        if reason.len() > CLOSE_REASON_BYTES_MAX {
            return None;
        }
        Some(Self {
            code: Some(u16::from_be_bytes(*code)),
            reason: std::str::from_utf8(reason).ok()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_message_and_only_the_last_is_whole() {
        let message = Bytes::from_static(b"abcdefgh");
        for (size, count) in [(3, 3), (4, 2), (8, 1), (100, 1)] {
            let cut: Vec<_> = pieces(Kind::Text, message.clone(), size).collect();
            assert_eq!(cut.len(), count);
            let joined: Vec<u8> = cut.iter().flat_map(|(_, bytes)| bytes.to_vec()).collect();
            assert_eq!(joined, message);
            let (last, before) = cut.split_last().unwrap();
            assert_eq!(last.0, Kind::Text);
            assert!(before.iter().all(|(kind, _)| *kind == Kind::TextMore));
        }
        assert_eq!(pieces(Kind::Binary, Bytes::new(), 4).count(), 1);
    }

    #[test]
    fn closes_come_back_and_long_reasons_are_cut_at_a_character() {
        for close in [
            Close::default(),
            Close::new(1000, ""),
            Close::new(4321, "gone"),
        ] {
            assert_eq!(Close::parse(&close.payload()), Some(close));
        }
        let long = Close::new(1000, &"é".repeat(80));
        assert_eq!(long.reason.len(), 122);
        assert_eq!(Close::parse(&[3]), None);
        assert_eq!(Close::parse(&[3, 232, 0xff]), None);
        assert_eq!(Close::parse(&[3; 126]), None);
    }

    #[test]
    fn kinds_have_their_bytes() {
        for byte in 0..=255 {
            if let Some(kind) = Kind::from_byte(byte) {
                assert_eq!(kind.byte(), byte);
                assert!((0x10..0x20).contains(&byte));
            }
        }
    }
}
