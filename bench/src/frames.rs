//! Whole frames out of a stream that is cut anywhere. It must never copy a frame that arrived in one piece.

use anyhow::{Result, ensure};
use towpath_websocket::{FrameHeader, Opcode, Parsed, mask};

/// The largest frame that is accepted, in bytes.
const FRAME_BYTES_MAX: u64 = 1 << 20;

/// One end's incoming frames. It owns memory only while part of a frame is missing.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    pending: Vec<u8>,
}

impl Frames {
    /// Takes the next bytes and hands each frame that they complete to `take`, unmasked.
    pub(crate) fn feed(
        &mut self,
        bytes: &mut [u8],
        mut take: impl FnMut(Opcode, &mut [u8]) -> Result<()>,
    ) -> Result<()> {
        if self.pending.is_empty() {
            let used = read_all(bytes, &mut take)?;
            self.pending.extend_from_slice(&bytes[used..]);
            return Ok(());
        }
        self.pending.extend_from_slice(bytes);
        let used = read_all(&mut self.pending, &mut take)?;
        if used == self.pending.len() {
            self.pending = Vec::new();
        } else {
            self.pending.drain(..used);
        }
        Ok(())
    }
}

/// Reads whole frames from the start of `bytes`; the count of bytes they take.
fn read_all(
    bytes: &mut [u8],
    take: &mut impl FnMut(Opcode, &mut [u8]) -> Result<()>,
) -> Result<usize> {
    let mut used = 0;
    while let Parsed::Header { header, size } = FrameHeader::parse(&bytes[used..]) {
        ensure!(
            header.length <= FRAME_BYTES_MAX,
            "a frame of {} bytes",
            header.length
        );
        let length = usize::try_from(header.length)?;
        let start = used + size;
        let Some(payload) = bytes.get_mut(start..start + length) else {
            break;
        };
        if let Some(key) = header.mask {
            mask::apply(key, 0, payload);
        }
        take(header.opcode, payload)?;
        used = start + length;
    }
    Ok(used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use towpath_websocket::encode_frame;

    #[test]
    fn frames_come_whole_however_they_are_cut() {
        let mut wire = Vec::new();
        encode_frame(
            &FrameHeader::text(300).masked([1, 2, 3, 4]),
            &[b'a'; 300],
            &mut wire,
        );
        encode_frame(&FrameHeader::ping(0), &[], &mut wire);
        encode_frame(&FrameHeader::binary(2), &[7, 8], &mut wire);
        for step in [1, 2, 7, 303, wire.len()] {
            let mut frames = Frames::default();
            let mut seen = Vec::new();
            for piece in wire.clone().chunks_mut(step) {
                frames
                    .feed(piece, |opcode, payload| {
                        seen.push((opcode, payload.to_vec()));
                        Ok(())
                    })
                    .unwrap();
            }
            let expected = [
                (Opcode::Text, vec![b'a'; 300]),
                (Opcode::Ping, vec![]),
                (Opcode::Binary, vec![7, 8]),
            ];
            assert_eq!(seen, expected, "cut every {step} bytes");
            assert_eq!(frames.pending.capacity(), 0, "cut every {step} bytes");
        }
    }

    #[test]
    fn a_frame_without_end_is_refused() {
        let mut wire = Vec::new();
        FrameHeader::binary(1 << 30).encode(&mut wire);
        let taken = Frames::default().feed(&mut wire, |_, _| Ok(()));
        assert!(taken.unwrap_err().to_string().contains("1073741824"));
    }
}
