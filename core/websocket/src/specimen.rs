//! The wrong bytes on purpose: for each deviation, what a peer has to send so that it is seen.
//!
//! A fault lab plays these into a connection, and the tests of this crate use the same bytes to prove
//! that every deviation is recognised. Nothing here is ever sent by a probe.

use crate::close::{CloseCode, encode_close};
use crate::deviation::{FrameDeviation, TextKind};
use crate::frame::{FrameHeader, LengthForm, Opcode, encode_frame};
use crate::judge::Role;

/// The names of all deviations that can be written, as [`FrameDeviation::as_str`] gives them.
pub const SPECIMENS: &[&str] = &[
    "client-frame-unmasked",
    "server-frame-masked",
    "reserved-bits",
    "reserved-opcode",
    "control-fragmented",
    "control-too-long",
    "length-not-minimal",
    "length-high-bit",
    "continuation-without-start",
    "message-inside-message",
    "invalid-utf8",
    "close-one-byte",
    "close-code-not-allowed",
    "close-reason-not-utf8",
    "frame-after-close",
    "inflate-failed",
    "not-frames",
    "end-inside-frame",
    "end-inside-message",
    "end-without-close",
];

/// Bytes that show one deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specimen {
    /// What the receiver sees.
    pub deviation: FrameDeviation,
    /// What to send. For the deviations of an ending, end the stream behind it.
    pub bytes: Vec<u8>,
}

/// The specimen of a name of [`SPECIMENS`], as `sender` sends it. `None` for other names, and for the
/// mask deviation that only the other side can show.
///
/// `key` masks the frames of a client. `inflate-failed` takes effect where permessage-deflate is agreed
/// on, and shows reserved bits elsewhere.
pub fn specimen(name: &str, sender: Role, key: [u8; 4]) -> Option<Specimen> {
    let mut writer = Writer {
        key: (sender == Role::Client).then_some(key),
        bytes: Vec::new(),
    };
    let deviation = match name {
        "client-frame-unmasked" if sender == Role::Client => {
            writer.key = None;
            writer.frame(FrameHeader::text(5), b"hello");
            FrameDeviation::ClientFrameUnmasked
        }
        "server-frame-masked" if sender == Role::Server => {
            writer.key = Some(key);
            writer.frame(FrameHeader::text(5), b"hello");
            FrameDeviation::ServerFrameMasked
        }
        "close-one-byte"
        | "close-code-not-allowed"
        | "close-reason-not-utf8"
        | "frame-after-close" => closing(name, &mut writer),
        "not-frames" => {
            writer
                .bytes
                .extend_from_slice(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
            FrameDeviation::NotFrames {
                looks_like: TextKind::HttpResponse,
            }
        }
        "end-inside-frame" => {
            writer.frame(FrameHeader::text(10), b"hello");
            FrameDeviation::EndInsideFrame { missing: 5 }
        }
        "end-inside-message" => {
            writer.frame(FrameHeader::text(5).unfinished(), b"hello");
            FrameDeviation::EndInsideMessage
        }
        "end-without-close" => FrameDeviation::EndWithoutClose,
        "continuation-without-start"
        | "message-inside-message"
        | "invalid-utf8"
        | "inflate-failed" => messages(name, &mut writer),
        _ => headers(name, &mut writer)?,
    };
    Some(Specimen {
        deviation,
        bytes: writer.bytes,
    })
}

/// Deviations of single headers.
fn headers(name: &str, writer: &mut Writer) -> Option<FrameDeviation> {
    Some(match name {
        "reserved-bits" => {
            writer.frame(
                FrameHeader {
                    rsv2: true,
                    ..FrameHeader::text(5)
                },
                b"hello",
            );
            FrameDeviation::ReservedBits { bits: 0x20 }
        }
        "reserved-opcode" => {
            writer.frame(FrameHeader::new(Opcode::Reserved(3), 5), b"hello");
            FrameDeviation::ReservedOpcode { opcode: 3 }
        }
        "control-fragmented" => {
            writer.frame(FrameHeader::ping(5).unfinished(), b"hello");
            FrameDeviation::ControlFragmented {
                opcode: Opcode::Ping,
            }
        }
        "control-too-long" => {
            writer.frame(FrameHeader::ping(126), &[b'x'; 126]);
            FrameDeviation::ControlTooLong {
                opcode: Opcode::Ping,
                length: 126,
            }
        }
        "length-not-minimal" => {
            let form = LengthForm::SixtyFour;
            writer.frame(
                FrameHeader {
                    length_form: form,
                    ..FrameHeader::text(5)
                },
                b"hello",
            );
            FrameDeviation::LengthNotMinimal { length: 5, form }
        }
        "length-high-bit" => {
            let length = 1 << 63 | 5;
            writer.frame(
                FrameHeader {
                    length,
                    ..FrameHeader::text(5)
                },
                b"hello",
            );
            FrameDeviation::LengthHighBit { length }
        }
        _ => return None,
    })
}

/// Deviations of messages.
fn messages(name: &str, writer: &mut Writer) -> FrameDeviation {
    match name {
        "continuation-without-start" => {
            writer.frame(FrameHeader::continuation(5), b"hello");
            FrameDeviation::ContinuationWithoutStart
        }
        "message-inside-message" => {
            writer.frame(FrameHeader::text(5).unfinished(), b"hello");
            writer.frame(FrameHeader::text(5), b"hello");
            FrameDeviation::MessageInsideMessage {
                opcode: Opcode::Text,
            }
        }
        "invalid-utf8" => {
            writer.frame(FrameHeader::text(6), b"hello\xff");
            FrameDeviation::InvalidUtf8 { byte_offset: 5 }
        }
        _ => {
            writer.frame(FrameHeader::text(4).compressed(), &[0xff; 4]);
            FrameDeviation::InflateFailed
        }
    }
}

/// Deviations of the closing handshake.
fn closing(name: &str, writer: &mut Writer) -> FrameDeviation {
    match name {
        "close-one-byte" => {
            writer.frame(FrameHeader::close(1), &[3]);
            FrameDeviation::CloseOneByte
        }
        "close-code-not-allowed" => {
            let code = CloseCode::NO_STATUS;
            writer.frame(FrameHeader::close(2), &encode_close(code, b""));
            FrameDeviation::CloseCodeNotAllowed { code }
        }
        "close-reason-not-utf8" => {
            writer.frame(
                FrameHeader::close(5),
                &encode_close(CloseCode::NORMAL, b"ok\xff"),
            );
            FrameDeviation::CloseReasonNotUtf8 { byte_offset: 2 }
        }
        _ => {
            writer.frame(FrameHeader::close(2), &encode_close(CloseCode::NORMAL, b""));
            writer.frame(FrameHeader::text(5), b"hello");
            FrameDeviation::FrameAfterClose {
                opcode: Opcode::Text,
            }
        }
    }
}

struct Writer {
    key: Option<[u8; 4]>,
    bytes: Vec<u8>,
}

impl Writer {
    fn frame(&mut self, header: FrameHeader, payload: &[u8]) {
        encode_frame(
            &FrameHeader {
                mask: self.key,
                ..header
            },
            payload,
            &mut self.bytes,
        );
    }
}

#[cfg(test)]
mod tests;
