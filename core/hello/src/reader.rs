//! Collects the hello from TLS records (RFC 8446 section 5.1), however the bytes are cut.

use crate::offer::Offer;

/// Puts a hello together. It keeps the handshake message, and nothing behind it.
#[derive(Debug, Default)]
pub struct HelloReader {
    message: Vec<u8>,
    head: [u8; RECORD_HEAD_BYTES],
    head_have: usize,
    /// Bytes of the record that are still to come.
    record_due: usize,
    other: bool,
}

/// How far the hello is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More of it is to come.
    More,
    /// It is whole.
    Whole,
    /// What came is no hello, or a larger one than [`HELLO_BYTES_MAX`].
    Other,
}

impl HelloReader {
    /// Nothing read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream. What follows a whole hello is not looked at.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Progress {
        while !bytes.is_empty() && self.progress() == Progress::More {
            if self.record_due == 0 {
                bytes = self.take_head(bytes);
                continue;
            }
            let (taken, rest) = bytes.split_at(self.record_due.min(bytes.len()));
            self.record_due -= taken.len();
            self.message.extend_from_slice(taken);
            bytes = rest;
        }
        self.progress()
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        if self.other
            || self
                .message
                .first()
                .is_some_and(|kind| *kind != CLIENT_HELLO)
        {
            return Progress::Other;
        }
        match self.whole() {
            Some(length) if length > HELLO_BYTES_MAX => Progress::Other,
            Some(length) if self.message.len() >= length => Progress::Whole,
            _ => Progress::More,
        }
    }

    /// What a whole hello offers; nothing where it is not whole or cannot be read.
    pub fn offer(&self) -> Option<Offer> {
        let message = self.message.get(..self.whole()?)?;
        Offer::parse(message)
    }

    /// The length that the message claims, with its head.
    fn whole(&self) -> Option<usize> {
        let &[_, high, middle, low, ..] = self.message.as_slice() else {
            return None;
        };
        Some(MESSAGE_HEAD_BYTES + u32::from_be_bytes([0, high, middle, low]) as usize)
    }

    fn take_head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (byte, rest) = bytes.split_at(1);
        self.head[self.head_have] = byte[0];
        self.head_have += 1;
        let [kind, major, _, high, low] = self.head;
        self.other |= kind != HANDSHAKE_RECORD || (self.head_have > 1 && major != MAJOR_VERSION);
        if self.head_have == RECORD_HEAD_BYTES {
            self.head_have = 0;
            self.record_due = usize::from(u16::from_be_bytes([high, low]));
            // Handshake messages must not be sent in empty records (RFC 8446 section 5.1).
            self.other |= self.record_due == 0 || self.record_due > RECORD_BYTES_MAX;
        }
        rest
    }
}

/// The largest hello that is read. Those with post-quantum keys have about 1,800 bytes.
pub const HELLO_BYTES_MAX: usize = 16 * 1024;

/// The largest record (RFC 8446 section 5.1).
const RECORD_BYTES_MAX: usize = 1 << 14;

const RECORD_HEAD_BYTES: usize = 5;
const MESSAGE_HEAD_BYTES: usize = 4;
const HANDSHAKE_RECORD: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const MAJOR_VERSION: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: u32) -> Vec<u8> {
        let mut message = vec![1];
        message.extend(&length.to_be_bytes()[1..]);
        message.extend(std::iter::repeat_n(7, length as usize));
        message
    }

    fn records(message: &[u8], size: usize) -> Vec<u8> {
        let mut wire = Vec::new();
        for part in message.chunks(size) {
            wire.extend([22, 3, 1]);
            wire.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
            wire.extend(part);
        }
        wire
    }

    #[test]
    fn it_is_whole_at_its_last_byte_however_it_is_cut() {
        for size in [1, 3, 100, 16_000] {
            let mut wire = records(&message(300), size);
            let length = wire.len();
            wire.extend([23, 3, 3, 0, 1, 0]);
            for step in [1, 2, 5, 64, wire.len()] {
                let mut reader = HelloReader::new();
                let mut at = 0;
                for part in wire.chunks(step) {
                    at += part.len();
                    let whole = at >= length;
                    let expected = if whole {
                        Progress::Whole
                    } else {
                        Progress::More
                    };
                    assert_eq!(reader.feed(part), expected, "{size} {step} {at}");
                }
                assert_eq!(reader.message.len(), 304);
            }
        }
    }

    #[test]
    fn what_is_no_hello_is_known_at_once() {
        for other in [
            b"GET / HTTP/1.1".as_slice(),
            &[22, 9],
            &[21, 3, 1, 0, 2],
            &[22, 3, 1, 0, 0],
            &[22, 3, 1, 0x40, 1],
            &[22, 3, 1, 0, 4, 2],
        ] {
            assert_eq!(HelloReader::new().feed(other), Progress::Other, "{other:?}");
        }
    }

    #[test]
    fn a_hello_above_the_limit_is_given_up_at_its_head() {
        let mut reader = HelloReader::new();
        assert_eq!(
            reader.feed(&records(&message(20_000), 16_000)[..9]),
            Progress::Other
        );
        let most = u32::try_from(HELLO_BYTES_MAX).unwrap() - 4;
        let mut reader = HelloReader::new();
        assert_eq!(
            reader.feed(&records(&message(most), 16_000)),
            Progress::Whole
        );
    }
}
