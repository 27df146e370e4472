//! Frame headers in and out (RFC 6455 section 5.2).
//!
//! This module never judges. It reads whatever bits are there, keeps how they were written, and writes
//! whatever bits it is told to, wrong ones included. What is wrong with them is said elsewhere.

use crate::mask;

/// The longest header: two bytes, eight of length, four of mask key.
pub const HEADER_BYTES_MAX: usize = 14;

/// What a frame carries (RFC 6455 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opcode {
    /// 0: goes on with the message that an earlier frame began.
    Continuation,
    /// 1: begins a message of UTF-8 text.
    Text,
    /// 2: begins a message of bytes.
    Binary,
    /// 8: begins or answers the closing handshake.
    Close,
    /// 9: asks for a pong with the same payload.
    Ping,
    /// 10: answers a ping, or stands alone.
    Pong,
    /// 3 to 7 and 11 to 15: no meaning is defined. Only the low four bits are written.
    Reserved(u8),
}

impl Opcode {
    /// The opcode in the low four bits; the high four are ignored.
    pub fn from_bits(bits: u8) -> Self {
        match bits & 0x0f {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            other => Self::Reserved(other),
        }
    }

    /// The four bits on the wire.
    pub fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
            Self::Reserved(bits) => bits & 0x0f,
        }
    }

    /// Control frames may stand between the fragments of a message (RFC 6455 section 5.5).
    pub fn is_control(self) -> bool {
        self.bits() & 0x08 != 0
    }
}

/// How many bits carry the payload length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LengthForm {
    /// In the second byte itself, up to 125.
    Seven,
    /// In the two bytes after it.
    Sixteen,
    /// In the eight bytes after it.
    SixtyFour,
}

impl LengthForm {
    /// The shortest form that can hold `length`, which a sender has to use.
    pub fn minimal(length: u64) -> Self {
        match length {
            0..=125 => Self::Seven,
            126..=0xffff => Self::Sixteen,
            _ => Self::SixtyFour,
        }
    }

    /// Bytes that follow the second byte of the header.
    fn extra_bytes(self) -> usize {
        match self {
            Self::Seven => 0,
            Self::Sixteen => 2,
            Self::SixtyFour => 8,
        }
    }
}

/// One frame header, as it stands or stood on the wire. All fields are free to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameHeader {
    /// Last frame of its message.
    pub fin: bool,
    /// First reserved bit; permessage-deflate marks a compressed message with it.
    pub rsv1: bool,
    /// Second reserved bit.
    pub rsv2: bool,
    /// Third reserved bit.
    pub rsv3: bool,
    /// What the frame carries.
    pub opcode: Opcode,
    /// The mask key, where the MASK bit is set.
    pub mask: Option<[u8; 4]>,
    /// Payload length in bytes as stated, with the highest bit if it is set.
    pub length: u64,
    /// How the length is written. A form too small for `length` is widened on writing.
    pub length_form: LengthForm,
}

/// What [`FrameHeader::parse`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The header goes on behind the bytes given.
    Incomplete {
        /// Bytes counted from the start that are needed before it is worth trying again.
        needed: usize,
    },
    /// A whole header.
    Header {
        /// What it says.
        header: FrameHeader,
        /// Its size in bytes; the payload begins there.
        size: usize,
    },
}

impl FrameHeader {
    /// A final, unmasked frame with the shortest length form.
    pub fn new(opcode: Opcode, length: usize) -> Self {
        let length = length as u64;
        Self {
            fin: true,
            rsv1: false,
            rsv2: false,
            rsv3: false,
            opcode,
            mask: None,
            length,
            length_form: LengthForm::minimal(length),
        }
    }

    /// A whole text message of `length` bytes.
    pub fn text(length: usize) -> Self {
        Self::new(Opcode::Text, length)
    }

    /// A whole binary message of `length` bytes.
    pub fn binary(length: usize) -> Self {
        Self::new(Opcode::Binary, length)
    }

    /// The last fragment of a message; see [`Self::unfinished`] for one in the middle.
    pub fn continuation(length: usize) -> Self {
        Self::new(Opcode::Continuation, length)
    }

    /// A ping.
    pub fn ping(length: usize) -> Self {
        Self::new(Opcode::Ping, length)
    }

    /// A pong.
    pub fn pong(length: usize) -> Self {
        Self::new(Opcode::Pong, length)
    }

    /// A close frame.
    pub fn close(length: usize) -> Self {
        Self::new(Opcode::Close, length)
    }

    /// The same header with a mask key, as a client has to send it.
    #[must_use]
    pub fn masked(self, key: [u8; 4]) -> Self {
        Self {
            mask: Some(key),
            ..self
        }
    }

    /// The same header with FIN cleared: more fragments follow.
    #[must_use]
    pub fn unfinished(self) -> Self {
        Self { fin: false, ..self }
    }

    /// The same header with RSV1 set: the message is compressed.
    #[must_use]
    pub fn compressed(self) -> Self {
        Self { rsv1: true, ..self }
    }

    /// Any of the three reserved bits is set.
    pub fn has_reserved_bits(&self) -> bool {
        self.rsv1 || self.rsv2 || self.rsv3
    }

    /// Reads the header at the start of `bytes`. Accepts every bit pattern.
    pub fn parse(bytes: &[u8]) -> Parsed {
        let &[first, second, ref rest @ ..] = bytes else {
            return Parsed::Incomplete { needed: 2 };
        };
        let length_form = match second & 0x7f {
            126 => LengthForm::Sixteen,
            127 => LengthForm::SixtyFour,
            _ => LengthForm::Seven,
        };
        let is_masked = second & 0x80 != 0;
        let extra = length_form.extra_bytes();
        let size = 2 + extra + if is_masked { 4 } else { 0 };
        if bytes.len() < size {
            return Parsed::Incomplete { needed: size };
        }
        let length = match length_form {
            LengthForm::Seven => u64::from(second & 0x7f),
            LengthForm::Sixteen | LengthForm::SixtyFour => rest[..extra]
                .iter()
                .fold(0, |length, byte| length << 8 | u64::from(*byte)),
        };
        let mask = is_masked.then(|| {
            [
                rest[extra],
                rest[extra + 1],
                rest[extra + 2],
                rest[extra + 3],
            ]
        });
        let header = Self {
            fin: first & 0x80 != 0,
            rsv1: first & 0x40 != 0,
            rsv2: first & 0x20 != 0,
            rsv3: first & 0x10 != 0,
            opcode: Opcode::from_bits(first),
            mask,
            length,
            length_form,
        };
        Parsed::Header { header, size }
    }

    /// Appends the header to `out` as it stands, right or wrong.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let flags = u8::from(self.fin) << 7
            | u8::from(self.rsv1) << 6
            | u8::from(self.rsv2) << 5
            | u8::from(self.rsv3) << 4;
        out.push(flags | self.opcode.bits());
        let mask_bit = if self.mask.is_some() { 0x80 } else { 0 };
        let bytes = self.length.to_be_bytes();
        match self.length_form.max(LengthForm::minimal(self.length)) {
            LengthForm::Seven => out.push(mask_bit | bytes[7]),
            LengthForm::Sixteen => {
                out.push(mask_bit | 0x7e);
                out.extend_from_slice(&bytes[6..]);
            }
            LengthForm::SixtyFour => {
                out.push(mask_bit | 0x7f);
                out.extend_from_slice(&bytes);
            }
        }
        if let Some(key) = self.mask {
            out.extend_from_slice(&key);
        }
    }
}

/// Appends a frame: the header as it stands, then `payload`, masked if the header has a key.
///
/// The stated length is not corrected, so a frame can promise more or less than it holds.
pub fn encode_frame(header: &FrameHeader, payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(HEADER_BYTES_MAX + payload.len());
    header.encode(out);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = header.mask {
        mask::apply(key, 0, &mut out[start..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse_whole(bytes: &[u8]) -> (FrameHeader, usize) {
        match FrameHeader::parse(bytes) {
            Parsed::Header { header, size } => (header, size),
            Parsed::Incomplete { needed } => panic!("needs {needed} bytes of {bytes:?}"),
        }
    }

    #[test]
    fn the_rfc_examples_are_written_byte_for_byte() {
        let mut out = Vec::new();
        encode_frame(&FrameHeader::text(5), b"Hello", &mut out);
        assert_eq!(out, [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
        out.clear();
        let masked = FrameHeader::text(5).masked([0x37, 0xfa, 0x21, 0x3d]);
        encode_frame(&masked, b"Hello", &mut out);
        assert_eq!(
            out,
            [
                0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58
            ]
        );
    }

    #[test]
    fn lengths_change_form_at_the_borders() {
        for (length, size) in [(125, 2), (126, 4), (0xffff, 4), (0x1_0000, 10)] {
            let mut out = Vec::new();
            FrameHeader::binary(length).encode(&mut out);
            assert_eq!(out.len(), size, "length {length}");
            assert_eq!(parse_whole(&out), (FrameHeader::binary(length), size));
        }
    }

    #[test]
    fn a_long_form_of_a_short_length_stays_visible() {
        let header = FrameHeader {
            length_form: LengthForm::SixtyFour,
            ..FrameHeader::ping(3)
        };
        let mut out = Vec::new();
        header.encode(&mut out);
        assert_eq!(parse_whole(&out), (header, 10));
    }

    #[test]
    fn says_how_many_bytes_are_missing() {
        for (bytes, needed) in [
            (&[][..], 2),
            (&[0x81], 2),
            (&[0x81, 126], 4),
            (&[0x81, 127, 0], 10),
            (&[0x81, 0x85, 1, 2, 3], 6),
            (&[0x81, 0xff], 14),
        ] {
            assert_eq!(
                FrameHeader::parse(bytes),
                Parsed::Incomplete { needed },
                "{bytes:?}"
            );
        }
    }

    fn any_header() -> impl Strategy<Value = FrameHeader> {
        let form = prop_oneof![
            Just(LengthForm::Seven),
            Just(LengthForm::Sixteen),
            Just(LengthForm::SixtyFour)
        ];
        let length = prop_oneof![0_u64..130, 0_u64..0x2_0000, any::<u64>()];
        (
            any::<[bool; 4]>(),
            0_u8..16,
            any::<Option<[u8; 4]>>(),
            length,
            form,
        )
            .prop_map(|([fin, rsv1, rsv2, rsv3], opcode, mask, length, form)| {
                FrameHeader {
                    fin,
                    rsv1,
                    rsv2,
                    rsv3,
                    opcode: Opcode::from_bits(opcode),
                    mask,
                    length,
                    length_form: form.max(LengthForm::minimal(length)),
                }
            })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(header in any_header()) {
            let mut out = Vec::new();
            header.encode(&mut out);
            prop_assert!(out.len() <= HEADER_BYTES_MAX);
            prop_assert_eq!(parse_whole(&out), (header, out.len()));
            let shorter = FrameHeader::parse(&out[..out.len() - 1]);
            let is_incomplete = matches!(shorter, Parsed::Incomplete { .. });
            prop_assert!(is_incomplete);
        }

        #[test]
        fn what_is_read_is_written(bytes in proptest::collection::vec(any::<u8>(), 14..20)) {
            let (header, size) = parse_whole(&bytes);
            let mut out = Vec::new();
            header.encode(&mut out);
            prop_assert_eq!(&out[..], &bytes[..size]);
        }
    }
}
