//! Reading envelopes: from a whole body ([`whole`]) or from bytes cut anywhere ([`Decoder`]). It judges the form only;
//! what an envelope means here and now is for [`crate::session`] and [`crate::attach`]. It never holds more than one envelope.

use crate::envelope::{Envelope, byte};
use crate::item::{Close, Kind, Part};
use crate::limits::{ENVELOPE_BYTES_MAX, JSON_BYTES_MAX, PING_BYTES_MAX};
use crate::number::{self, Read};

/// What is wrong with an envelope. All of them end the session as `malformed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A number of more than eight bytes, or 2^53 and more.
    #[error("a number is too large")]
    Number,
    /// More than 65,536 bytes.
    #[error("an envelope is too long")]
    TooLong,
    /// A JSON body of more than 16,384 bytes.
    #[error("a JSON body is too long")]
    JsonTooLong,
    /// A JSON body that cannot be read, or lacks a member.
    #[error("a JSON body is not as it must be")]
    Json,
    /// A body that is shorter or longer than its type says.
    #[error("a body has the wrong length")]
    Length,
    /// A type from 0x10 to 0x1f that is not known.
    #[error("an unknown kind of item")]
    UnknownItem,
    /// Sequence number 0.
    #[error("items are counted from 1")]
    Sequence,
    /// A close with one byte, a long reason, or a reason that is not UTF-8.
    #[error("a close is not as it must be")]
    Close,
    /// The bytes end within an envelope.
    #[error("an envelope is cut off")]
    Cut,
    /// `received` of an ack is above what was sent.
    #[error("an acknowledgement of what was never sent")]
    Received,
    /// An item where none of its kind may be: within another message, behind a close, or in the wrong direction.
    #[error("an item is out of place")]
    OutOfPlace,
    /// An envelope that this end does not take here.
    #[error("an envelope is out of place")]
    Unexpected,
}

/// Where the envelope at the front of some bytes begins and ends.
struct Frame {
    kind: u8,
    body: usize,
    end: usize,
}

/// Reads the envelopes of a body that holds whole ones. The iterator ends after the first fault.
pub fn whole(body: &[u8]) -> impl Iterator<Item = Result<Envelope<'_>, Malformed>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let outcome = match frame(rest) {
                Ok(Some(frame)) => {
                    let body = &rest[frame.body..frame.end];
                    rest = &rest[frame.end..];
                    if !is_known(frame.kind) {
                        continue;
                    }
                    envelope(frame.kind, body)
                }
                Ok(None) => Err(Malformed::Cut),
                Err(fault) => Err(fault),
            };
            if outcome.is_err() {
                rest = &[];
            }
            return Some(outcome);
        }
        None
    })
}

/// Reads envelopes from bytes that may be cut anywhere. It holds at most what was fed last and one unfinished envelope, and
/// no memory at all between envelopes.
#[derive(Debug, Default)]
pub struct Decoder {
    held: Vec<u8>,
    used: usize,
}

impl Decoder {
    /// A decoder that holds nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes. Call [`Decoder::next`] until it gives nothing before the next feed.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.used > 0 {
            self.held.drain(..self.used);
            self.used = 0;
        }
        self.held.extend_from_slice(bytes);
    }

    /// The next envelope, or nothing when more bytes are needed. After a fault the decoder is of no more use.
    #[expect(
        clippy::should_implement_trait,
        reason = "the envelope borrows from the decoder, which an iterator cannot say"
    )]
    pub fn next(&mut self) -> Result<Option<Envelope<'_>>, Malformed> {
        while let Some(frame) = frame(&self.held[self.used..])? {
            let start = self.used;
            self.used += frame.end;
            if is_known(frame.kind) {
                let body = &self.held[start + frame.body..start + frame.end];
                return envelope(frame.kind, body).map(Some);
            }
        }
        if self.used < self.held.len() {
            return Ok(None);
        }
        self.held = Vec::new();
        self.used = 0;
        Ok(None)
    }

    /// Bytes of an unfinished envelope that are held.
    pub fn held_bytes(&self) -> usize {
        self.held.len() - self.used
    }
}

/// Nothing where the bytes end within the envelope.
fn frame(bytes: &[u8]) -> Result<Option<Frame>, Malformed> {
    let Some((&kind, rest)) = bytes.split_first() else {
        return Ok(None);
    };
    let (length, digits) = match number::read(rest) {
        Read::Number(length, digits) => (length, digits),
        Read::Short => return Ok(None),
        Read::TooLarge => return Err(Malformed::Number),
    };
    let body = 1 + digits;
    let end = usize::try_from(length)
        .ok()
        .and_then(|length| length.checked_add(body))
        .filter(|&end| end <= ENVELOPE_BYTES_MAX)
        .ok_or(Malformed::TooLong)?;
    Ok((bytes.len() >= end).then_some(Frame { kind, body, end }))
}

/// Other types are skipped, so that a later version can add to them.
fn is_known(kind: u8) -> bool {
    matches!(kind, byte::ATTACH..=byte::PADDING | 0x10..=0x1f)
}

/// Reads the body of a known type.
fn envelope(kind: u8, body: &[u8]) -> Result<Envelope<'_>, Malformed> {
    Ok(match kind {
        byte::ATTACH => Envelope::Attach(json(body)?),
        byte::ATTACHED => Envelope::Attached(json(body)?),
        byte::WITH => {
            let (key, rest) = body.split_first_chunk().ok_or(Malformed::Length)?;
            let [request] = numbers(rest)?;
            Envelope::With { key: *key, request }
        }
        byte::USE => {
            let [generation] = numbers(body)?;
            Envelope::Use { generation }
        }
        byte::ACK => {
            let [received, credit] = numbers(body)?;
            Envelope::Ack { received, credit }
        }
        byte::PING => Envelope::Ping(small(body)?),
        byte::PONG => Envelope::Pong(small(body)?),
        byte::SUPERSEDED => {
            let [generation] = numbers(body)?;
            Envelope::Superseded { generation }
        }
        byte::AGAIN if body.is_empty() => Envelope::Again,
        byte::AGAIN => return Err(Malformed::Length),
        byte::END => Envelope::End(json(body)?),
        byte::PADDING => Envelope::Padding(body),
        _ => Envelope::Item(item(kind, body)?),
    })
}

fn item(kind: u8, body: &[u8]) -> Result<Part<'_>, Malformed> {
    let kind = Kind::from_byte(kind).ok_or(Malformed::UnknownItem)?;
    let (sequence, digits) = match number::read(body) {
        Read::Number(0, _) => return Err(Malformed::Sequence),
        Read::Number(sequence, digits) => (sequence, digits),
        Read::Short => return Err(Malformed::Length),
        Read::TooLarge => return Err(Malformed::Number),
    };
    let payload = &body[digits..];
    match kind {
        Kind::Opened | Kind::Refused => {
            json(payload)?;
        }
        Kind::Close => {
            Close::parse(payload).ok_or(Malformed::Close)?;
        }
        Kind::Text | Kind::TextMore | Kind::Binary | Kind::BinaryMore => {}
    }
    Ok(Part {
        sequence,
        kind,
        payload,
    })
}

fn json(body: &[u8]) -> Result<&[u8], Malformed> {
    if body.len() > JSON_BYTES_MAX {
        return Err(Malformed::JsonTooLong);
    }
    Ok(body)
}

fn small(body: &[u8]) -> Result<&[u8], Malformed> {
    if body.len() > PING_BYTES_MAX {
        return Err(Malformed::Length);
    }
    Ok(body)
}

/// Exactly `N` numbers and nothing behind them.
fn numbers<const N: usize>(mut body: &[u8]) -> Result<[u64; N], Malformed> {
    let mut values = [0; N];
    for value in &mut values {
        match number::read(body) {
            Read::Number(read, digits) => {
                *value = read;
                body = &body[digits..];
            }
            Read::Short => return Err(Malformed::Length),
            Read::TooLarge => return Err(Malformed::Number),
        }
    }
    if body.is_empty() {
        Ok(values)
    } else {
        Err(Malformed::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Result<Envelope<'_>, Malformed>> {
        whole(bytes).collect()
    }

    #[test]
    fn unknown_types_are_skipped_and_unknown_items_are_not() {
        assert_eq!(all(&[0x40, 1, 9, 0x09, 0]), [Ok(Envelope::Again)]);
        assert_eq!(all(&[0x00, 0, 0x09, 0]), [Ok(Envelope::Again)]);
        assert_eq!(all(&[0x17, 1, 1]), [Err(Malformed::UnknownItem)]);
    }

    #[test]
    fn each_fault_has_its_name() {
        for (bytes, fault) in [
            (&[0x05, 1, 7][..], Malformed::Length),
            (&[0x05, 3, 1, 2, 3], Malformed::Length),
            (&[0x09, 1, 0], Malformed::Length),
            (&[0x10, 0], Malformed::Length),
            (&[0x10, 1, 0], Malformed::Sequence),
            (&[0x16, 2, 1, 3], Malformed::Close),
            (&[0x0b, 0x80, 0x80, 4], Malformed::TooLong),
            (
                &[0x0b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
                Malformed::Number,
            ),
            (&[0x06, 33], Malformed::Cut),
            (&[0x10], Malformed::Cut),
        ] {
            assert_eq!(all(bytes), [Err(fault)], "{bytes:?}");
        }
    }

    #[test]
    fn the_largest_envelope_is_taken_and_one_byte_more_is_not() {
        let mut bytes = vec![0x0b, 0xfc, 0xff, 0x03];
        bytes.resize(ENVELOPE_BYTES_MAX, 0);
        assert!(matches!(all(&bytes)[..], [Ok(Envelope::Padding(_))]));
        bytes[1] = 0xfd;
        bytes.push(0);
        assert_eq!(all(&bytes), [Err(Malformed::TooLong)]);
    }

    #[test]
    fn bytes_one_by_one_give_the_same_envelopes() {
        let mut bytes = Vec::new();
        let envelopes = [
            Envelope::With {
                key: [7; 16],
                request: 300,
            },
            Envelope::Ack {
                received: 5,
                credit: 1 << 40,
            },
            Envelope::Padding(&[1; 300]),
            Envelope::Item(Part {
                sequence: 1 << 33,
                kind: Kind::Text,
                payload: b"hello",
            }),
            Envelope::Superseded { generation: 4 },
        ];
        for envelope in &envelopes {
            envelope.encode(&mut bytes);
        }
        let mut decoder = Decoder::new();
        let mut found = 0;
        for byte in &bytes {
            decoder.feed(std::slice::from_ref(byte));
            while let Some(envelope) = decoder.next().unwrap() {
                assert_eq!(envelope, envelopes[found]);
                found += 1;
            }
        }
        assert_eq!((found, decoder.held_bytes()), (envelopes.len(), 0));
    }
}
