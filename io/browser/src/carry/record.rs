//! Records: what goes over a page's link, many sockets in one stream.
//!
//! A record is its kind (one byte), the number of its socket and the length of its payload (four bytes each, big
//! endian), then the payload. The page's side is `link.js`. Bytes only; what a record does is for `hub`.

use bytes::{Bytes, BytesMut};
use thiserror::Error;

/// What a record says. The page sends the ones from [`Kind::Opened`] on, and both send messages and credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Open a socket; the payload is JSON.
    Open = 1,
    /// A text message.
    Text = 2,
    /// A binary message.
    Binary = 3,
    /// So many more bytes may be sent (four bytes, big endian).
    Credit = 4,
    /// Close with this code (two bytes, zero for none) and reason.
    Close = 5,
    /// Nobody wants the socket any more.
    Abandon = 6,
    /// The handshake succeeded; the payload is JSON.
    Opened = 7,
    /// The socket ended: how (one byte: 0 without a close frame, 1 with one, 2 by the page), code (two bytes) and reason.
    Closed = 8,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Open,
            2 => Self::Text,
            3 => Self::Binary,
            4 => Self::Credit,
            5 => Self::Close,
            6 => Self::Abandon,
            7 => Self::Opened,
            8 => Self::Closed,
            _ => return None,
        })
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) kind: Kind,
    pub(crate) socket: u32,
    pub(crate) payload: Bytes,
}

/// A stream of bytes that holds no records. The link is of no more use then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum RecordError {
    #[error("a record of the unknown kind {0}")]
    Kind(u8),
    #[error("a record of {bytes} bytes, over the limit of {max}")]
    TooBig { bytes: usize, max: usize },
}

/// Appends a record.
pub(crate) fn write(out: &mut Vec<u8>, kind: Kind, socket: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("messages have a limit far below 4 GiB");
    out.reserve(HEADER_BYTES + payload.len());
    out.push(kind as u8);
    out.extend_from_slice(&socket.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(payload);
}

/// Finds the records in a stream, wherever it is cut.
#[derive(Debug)]
pub(crate) struct Reader {
    header: [u8; HEADER_BYTES],
    header_bytes: usize,
    /// A record whose payload is not complete, and the length it will have.
    open: Option<(Kind, u32, usize, BytesMut)>,
    payload_bytes_max: usize,
}

impl Reader {
    pub(crate) fn new(payload_bytes_max: usize) -> Self {
        Self {
            header: [0; HEADER_BYTES],
            header_bytes: 0,
            open: None,
            payload_bytes_max,
        }
    }

    /// Takes bytes and hands over each record they complete.
    pub(crate) fn feed(
        &mut self,
        mut bytes: &[u8],
        mut take: impl FnMut(Record),
    ) -> Result<(), RecordError> {
        while !bytes.is_empty() {
            if self.open.is_none() {
                let count = (HEADER_BYTES - self.header_bytes).min(bytes.len());
                self.header[self.header_bytes..][..count].copy_from_slice(&bytes[..count]);
                self.header_bytes += count;
                bytes = &bytes[count..];
                if self.header_bytes < HEADER_BYTES {
                    return Ok(());
                }
                self.header_bytes = 0;
                self.open = Some(self.begin()?);
            }
            let Some((kind, socket, length, mut payload)) = self.open.take() else {
                continue;
            };
            let count = (length - payload.len()).min(bytes.len());
            payload.extend_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            if payload.len() < length {
                self.open = Some((kind, socket, length, payload));
            } else {
                let payload = payload.freeze();
                take(Record {
                    kind,
                    socket,
                    payload,
                });
            }
        }
        Ok(())
    }

    fn begin(&self) -> Result<(Kind, u32, usize, BytesMut), RecordError> {
        let [kind, s0, s1, s2, s3, l0, l1, l2, l3] = self.header;
        let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        if length > self.payload_bytes_max {
            return Err(RecordError::TooBig {
                bytes: length,
                max: self.payload_bytes_max,
            });
        }
        Ok((
            Kind::from_byte(kind).ok_or(RecordError::Kind(kind))?,
            u32::from_be_bytes([s0, s1, s2, s3]),
            length,
            // What is announced need not come.
            BytesMut::with_capacity(length.min(ROOM_AHEAD_BYTES_MAX)),
        ))
    }
}

/// Kind, socket, length.
pub(crate) const HEADER_BYTES: usize = 9;
/// Memory taken for a payload before its bytes are there.
const ROOM_AHEAD_BYTES_MAX: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_record() -> impl Strategy<Value = Record> {
        let payload = prop::collection::vec(any::<u8>(), 0..300);
        (1_u8..=8, any::<u32>(), payload).prop_map(|(kind, socket, payload)| Record {
            kind: Kind::from_byte(kind).expect("in range"),
            socket,
            payload: payload.into(),
        })
    }

    proptest! {
        #[test]
        fn records_come_back_wherever_the_stream_is_cut(
            records in prop::collection::vec(any_record(), 0..12),
            cuts in prop::collection::vec(1_usize..40, 1..200),
        ) {
            let mut stream = Vec::new();
            for record in &records {
                write(&mut stream, record.kind, record.socket, &record.payload);
            }
            let mut reader = Reader::new(300);
            let mut read = Vec::new();
            let mut rest = &stream[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                reader.feed(now, |record| read.push(record)).expect("records");
                rest = later;
            }
            prop_assert_eq!(read, records);
        }

        #[test]
        fn any_bytes_end_in_records_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut taken = 0;
            let _ = Reader::new(100).feed(&bytes, |record| taken += HEADER_BYTES + record.payload.len());
            prop_assert!(taken <= bytes.len());
        }
    }

    #[test]
    fn a_record_over_the_limit_and_an_unknown_kind_are_errors() {
        let mut stream = Vec::new();
        write(&mut stream, Kind::Binary, 1, &[0; 11]);
        let error = Reader::new(10).feed(&stream, |_| {}).expect_err("too big");
        assert_eq!(error, RecordError::TooBig { bytes: 11, max: 10 });
        let error = Reader::new(10).feed(&[99; 9], |_| {});
        assert!(error.is_err());
        stream[0] = 99;
        let error = Reader::new(100).feed(&stream, |_| {}).expect_err("kind");
        assert_eq!(error, RecordError::Kind(99));
    }
}
