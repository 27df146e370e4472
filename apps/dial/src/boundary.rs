//! Where frames end in bytes that only pass through, and which close code goes by (RFC 6455 section 5.2).
//!
//! Known so that a close frame can be put between two frames when the endpoint ends. It keeps no payload and judges nothing.

use towpath_websocket::frame::HEADER_BYTES_MAX;
use towpath_websocket::{FrameHeader, Opcode, Parsed};

/// A position in a stream of frames.
#[derive(Debug, Default)]
pub(crate) struct Boundary {
    header: [u8; HEADER_BYTES_MAX],
    have: usize,
    /// Payload of the open frame that is yet to come.
    due: u64,
    mask: [u8; 4],
    closed: bool,
    code: Vec<u8>,
}

impl Boundary {
    /// Goes on behind these bytes.
    pub(crate) fn pass(&mut self, mut bytes: &[u8]) {
        while let Some((&first, rest)) = bytes.split_first() {
            if self.due > 0 {
                let skipped =
                    usize::try_from(self.due).map_or(bytes.len(), |due| due.min(bytes.len()));
                self.note_code(&bytes[..skipped]);
                self.due -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            self.header[self.have] = first;
            self.have += 1;
            bytes = rest;
            if let Parsed::Header { header, .. } = FrameHeader::parse(&self.header[..self.have]) {
                self.have = 0;
                self.due = header.length;
                self.mask = header.mask.unwrap_or_default();
                self.closed |= header.opcode == Opcode::Close;
            }
        }
    }

    /// Whether a frame may begin here.
    pub(crate) fn between_frames(&self) -> bool {
        self.due == 0 && self.have == 0
    }

    /// Whether a close frame has begun, behind which nothing may come.
    pub(crate) fn closed(&self) -> bool {
        self.closed
    }

    /// The code of the close frame; 1005 for one without, nothing while none has gone by.
    pub(crate) fn close_code(&self) -> Option<u16> {
        match self.code[..] {
            _ if !self.closed => None,
            [high, low] => Some(u16::from_be_bytes([high, low])),
            _ => Some(1005),
        }
    }

    fn note_code(&mut self, payload: &[u8]) {
        if !self.closed {
            return;
        }
        for byte in payload {
            let at = self.code.len();
            if at == 2 {
                return;
            }
            self.code.push(byte ^ self.mask[at]);
        }
    }
}

#[cfg(test)]
mod tests {
    use towpath_websocket::encode_frame;

    use super::*;

    fn frame(opcode: Opcode, masked: bool, payload: &[u8]) -> Vec<u8> {
        let header = FrameHeader::new(opcode, payload.len());
        let header = if masked {
            header.masked([1, 2, 3, 4])
        } else {
            header
        };
        let mut wire = Vec::new();
        encode_frame(&header, payload, &mut wire);
        wire
    }

    #[test]
    fn ends_are_found_wherever_the_bytes_are_cut() {
        let frames = [
            frame(Opcode::Text, false, b""),
            frame(Opcode::Binary, true, b"12345"),
            frame(Opcode::Ping, true, b""),
            frame(Opcode::Continuation, false, &[7; 126]),
            frame(Opcode::Binary, true, &vec![7; 70_000]),
        ];
        let whole = frames.concat();
        let mut ends = vec![0];
        for frame in &frames {
            ends.push(ends[ends.len() - 1] + frame.len());
        }
        for step in [1, 2, 3, 7, 4096, whole.len()] {
            let (mut boundary, mut at) = (Boundary::default(), 0);
            for piece in whole.chunks(step) {
                boundary.pass(piece);
                at += piece.len();
                assert_eq!(boundary.between_frames(), ends.contains(&at), "{step} {at}");
            }
            assert!(!boundary.closed());
        }
    }

    #[test]
    fn the_code_of_a_close_is_read() {
        let check = |wire: &[u8], code: Option<u16>| {
            for step in [1, wire.len()] {
                let mut boundary = Boundary::default();
                wire.chunks(step).for_each(|part| boundary.pass(part));
                assert_eq!(boundary.close_code(), code, "{wire:?}");
            }
        };
        check(&frame(Opcode::Close, false, &[3, 0xe9]), Some(1001));
        check(&frame(Opcode::Close, true, &[15, 160, b'x']), Some(4000));
        check(&frame(Opcode::Close, true, &[]), Some(1005));
        check(&frame(Opcode::Text, true, &[3, 0xe9]), None);
    }

    #[test]
    fn wild_lengths_do_no_harm() {
        let mut boundary = Boundary::default();
        boundary.pass(&[0x82, 0x7f, 255, 255, 255, 255, 255, 255, 255, 255]);
        boundary.pass(&[0; 1000]);
        assert!(!boundary.between_frames());
    }
}
