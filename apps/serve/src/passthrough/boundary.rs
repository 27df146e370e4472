//! Where frames end in bytes that only pass through (RFC 6455 section 5.2).
//!
//! Known so that a close frame can be put between two frames when the gateway drains. It looks at
//! nothing but lengths, keeps no payload and judges nothing.

/// A position in a stream of frames.
#[derive(Clone, Debug, Default)]
pub(super) struct Boundary {
    payload_due: u64,
    header: [u8; HEADER_BYTES_MAX],
    header_have: u8,
    closed: bool,
    /// What came of the close frame's code, and how much of it.
    code: [u8; 2],
    code_have: u8,
}

impl Boundary {
    /// Goes on behind these bytes.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.payload_due > 0 {
                let skipped = self.payload_due.min(bytes.len() as u64);
                self.payload_due -= skipped;
                let (payload, rest) =
                    bytes.split_at(usize::try_from(skipped).unwrap_or(bytes.len()));
                if self.closed {
                    self.read_code(payload);
                }
                bytes = rest;
                continue;
            }
            self.header[usize::from(self.header_have)] = bytes[0];
            self.header_have += 1;
            bytes = &bytes[1..];
            self.end_header();
        }
    }

    /// Whether a frame may begin here.
    pub(super) fn between_frames(&self) -> bool {
        self.payload_due == 0 && self.header_have == 0
    }

    /// Whether a close frame has begun, behind which nothing may come.
    pub(super) fn closed(&self) -> bool {
        self.closed
    }

    /// The code of the close frame, where it has one and it came.
    pub(super) fn close_code(&self) -> Option<u16> {
        (self.code_have == 2).then(|| u16::from_be_bytes(self.code))
    }

    /// The header of the close frame is still there, and its mask at its end: two bytes of head and four of mask.
    fn read_code(&mut self, payload: &[u8]) {
        let masked = self.header[1] & 0x80 != 0;
        for byte in payload {
            let at = usize::from(self.code_have);
            if at == self.code.len() {
                return;
            }
            let mask = if masked { self.header[2 + at] } else { 0 };
            self.code[at] = byte ^ mask;
            self.code_have += 1;
        }
    }

    fn end_header(&mut self) {
        let have = usize::from(self.header_have);
        if have < 2 {
            return;
        }
        let [first, second, ..] = self.header;
        let (extended, short) = match second & 0x7f {
            126 => (2, 0),
            127 => (8, 0),
            length => (0, u64::from(length)),
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        if have < 2 + extended + mask {
            return;
        }
        let length = self.header[2..2 + extended].iter();
        self.payload_due = length.fold(short, |sum, byte| (sum << 8) | u64::from(*byte));
        self.header_have = 0;
        self.closed |= first & 0x0f == OPCODE_CLOSE;
    }
}

/// The longest frame header.
const HEADER_BYTES_MAX: usize = 14;

const OPCODE_CLOSE: u8 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(opcode: u8, masked: bool, length: usize) -> Vec<u8> {
        let mask = if masked { 0x80 } else { 0 };
        let mut wire = vec![0x80 | opcode];
        match length {
            0..126 => wire.push(mask | u8::try_from(length).unwrap()),
            126..0x1_0000 => {
                wire.push(mask | 0x7e);
                wire.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                wire.push(mask | 0x7f);
                wire.extend((length as u64).to_be_bytes());
            }
        }
        wire.extend([7; 4].iter().take(if masked { 4 } else { 0 }));
        wire.extend(std::iter::repeat_n(0xff, length));
        wire
    }

    #[test]
    fn ends_are_found_wherever_the_bytes_are_cut() {
        let frames = [
            frame(1, false, 0),
            frame(2, true, 5),
            frame(1, true, 0),
            frame(0, false, 126),
            frame(9, false, 125),
            frame(2, true, 70_000),
        ];
        let whole = frames.concat();
        let mut ends = vec![0];
        for frame in &frames {
            ends.push(ends[ends.len() - 1] + frame.len());
        }
        for step in [1, 2, 3, 7, 4096, whole.len()] {
            let mut boundary = Boundary::default();
            let mut at = 0;
            for piece in whole.chunks(step) {
                boundary.pass(piece);
                at += piece.len();
                assert_eq!(boundary.between_frames(), ends.contains(&at), "{step} {at}");
            }
            assert!(!boundary.closed());
        }
    }

    #[test]
    fn the_code_of_a_close_is_read_with_and_without_a_mask() {
        let plain: &[u8] = &[0x88, 0x02, 0x03, 0xe9];
        let masked: &[u8] = &[0x88, 0x82, 1, 2, 3, 4, 0x03 ^ 1, 0xe9 ^ 2];
        for wire in [plain, masked] {
            for step in [1, wire.len()] {
                let mut boundary = Boundary::default();
                assert_eq!(boundary.close_code(), None);
                wire.chunks(step).for_each(|part| boundary.pass(part));
                assert_eq!(boundary.close_code(), Some(1001), "{wire:?}");
            }
        }
        let mut without = Boundary::default();
        without.pass(&[0x88, 0x00]);
        assert!(without.closed() && without.close_code().is_none());
    }

    #[test]
    fn a_close_is_seen_and_wild_lengths_do_no_harm() {
        let mut boundary = Boundary::default();
        boundary.pass(&frame(8, false, 2));
        assert!(boundary.closed());
        assert_eq!(boundary.close_code(), Some(0xffff));
        boundary.pass(&[
            0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4,
        ]);
        boundary.pass(&[0; 1000]);
        assert!(!boundary.between_frames());
    }
}
