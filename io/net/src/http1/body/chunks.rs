//! The chunked transfer coding, taken as it arrives (RFC 9112 section 7.1).

use bytes::{Buf, BytesMut};

use super::Progress;

/// Most bytes of one chunk's head, extensions included.
const CHUNK_HEAD_BYTES_MAX: usize = 4096;

/// What has arrived of a chunked body.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    /// The payload so far.
    pub(super) body: BytesMut,
    /// Payload bytes of the current chunk that are still due.
    due: u64,
    /// Whether the line break behind a payload is due.
    line_break_due: bool,
}

impl Chunks {
    /// Takes what is complete; an unfinished chunk head stays in `raw`.
    pub(super) fn take(&mut self, raw: &mut BytesMut) -> Progress {
        loop {
            if self.due > 0 {
                let length = usize::try_from(self.due)
                    .unwrap_or(usize::MAX)
                    .min(raw.len());
                self.body.extend_from_slice(&raw[..length]);
                raw.advance(length);
                self.due -= length as u64;
                if self.due > 0 {
                    return Progress::More;
                }
            }
            if self.line_break_due {
                if raw.len() < 2 {
                    return Progress::More;
                }
                if raw[..2] != *b"\r\n" {
                    return Progress::Broken;
                }
                raw.advance(2);
                self.line_break_due = false;
            }
            match httparse::parse_chunk_size(raw) {
                Ok(httparse::Status::Complete((_, 0))) => return Progress::Complete,
                Ok(httparse::Status::Complete((start, size))) => {
                    raw.advance(start);
                    self.due = size;
                    self.line_break_due = true;
                }
                Ok(httparse::Status::Partial) if raw.len() < CHUNK_HEAD_BYTES_MAX => {
                    return Progress::More;
                }
                _ => return Progress::Broken,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n";

    #[test]
    fn it_does_not_matter_where_the_bytes_are_cut() {
        for cut in 0..WHOLE.len() {
            let mut chunks = Chunks::default();
            let mut raw = BytesMut::new();
            raw.extend_from_slice(&WHOLE[..cut]);
            let first = chunks.take(&mut raw);
            if first == Progress::More {
                raw.extend_from_slice(&WHOLE[cut..]);
                assert!(chunks.take(&mut raw) == Progress::Complete, "{cut}");
            }
            assert_eq!(&chunks.body[..], b"abc0123456789", "{cut}");
        }
    }

    #[test]
    fn what_is_not_chunked_is_broken() {
        for wrong in [&b"xyz\r\n"[..], b"1\r\nab\r\n", b"ffffffffffffffffff\r\n"] {
            let mut raw = BytesMut::from(wrong);
            assert!(
                Chunks::default().take(&mut raw) == Progress::Broken,
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_chunk_head_without_end_is_broken() {
        let mut raw = BytesMut::from(&b"1;"[..]);
        raw.resize(CHUNK_HEAD_BYTES_MAX + 2, b'x');
        assert!(Chunks::default().take(&mut raw) == Progress::Broken);
    }
}
