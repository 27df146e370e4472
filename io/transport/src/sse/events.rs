//! An event stream back into bytes: the data of each event is base64 of whole envelopes.
//!
//! It must never hold a line longer than its limit.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// Longest line. An event may hold many envelopes; four of the largest in base64 are more than any
/// flush has a reason to write.
const LINE_BYTES_MAX: usize = 4 * 65_536 / 3 * 4;

/// Why an event stream cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EventError {
    /// A line longer than any event of this protocol.
    #[error("a line of the event stream is longer than {LINE_BYTES_MAX} bytes")]
    LineTooLong,
    /// The data of an event is not base64.
    #[error("the data of an event is not base64")]
    NotBase64,
}

/// Reads an event stream that arrives in any pieces.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
}

impl Events {
    /// Takes the next bytes and appends what the events they complete carry to `out`.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), EventError> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.extend(&rest[..end])?;
            rest = &rest[end + 1..];
            self.end_of_line(out)?;
        }
        self.extend(rest)
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), EventError> {
        if self.line.len() + bytes.len() > LINE_BYTES_MAX {
            return Err(EventError::LineTooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_of_line(&mut self, out: &mut Vec<u8>) -> Result<(), EventError> {
        let mut line = std::mem::take(&mut self.line);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            if !data.is_empty() {
                STANDARD
                    .decode_vec(&data, out)
                    .map_err(|_| EventError::NotBase64)?;
            }
        } else if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            if self.data.len() + value.len() > LINE_BYTES_MAX {
                return Err(EventError::LineTooLong);
            }
            self.data.extend_from_slice(value);
        }
        line.clear();
        self.line = line;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<u8>, EventError> {
        let (mut events, mut out) = (Events::default(), Vec::new());
        for piece in pieces {
            events.feed(piece, &mut out)?;
        }
        Ok(out)
    }

    #[test]
    fn events_are_read_and_comments_are_not() {
        let stream = b": padding\n\nevent: x\ndata: aGVs\n\ndata:bG8=\r\n\r\nid: 1\n\n";
        assert_eq!(read(&[stream]).unwrap(), b"hello");
    }

    #[test]
    fn an_event_counts_when_its_empty_line_has_come() {
        assert_eq!(read(&[b"data: aGVs\n"]).unwrap(), b"");
    }

    #[test]
    fn hostile_streams_are_named() {
        assert_eq!(read(&[b"data: ?!\n\n"]), Err(EventError::NotBase64));
        let long = vec![b'a'; LINE_BYTES_MAX + 1];
        assert_eq!(read(&[&long]), Err(EventError::LineTooLong));
        let line = [b"data: ".as_slice(), &vec![b'A'; 200_000], b"\n"].concat();
        assert_eq!(read(&[&line, &line]), Err(EventError::LineTooLong));
    }

    proptest! {
        #[test]
        fn a_stream_may_be_cut_anywhere(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 1..8),
            cut in 0usize..400,
        ) {
            let mut stream = Vec::new();
            for part in &parts {
                stream.extend_from_slice(b"data: ");
                stream.extend_from_slice(STANDARD.encode(part).as_bytes());
                stream.extend_from_slice(b"\n\n");
            }
            let (left, right) = stream.split_at(cut.min(stream.len()));
            prop_assert_eq!(read(&[left, right]).unwrap(), parts.concat());
        }
    }
}
