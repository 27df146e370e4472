//! What is wrong with one header, given what the connection knows; and whether bytes are a frame at all.
//!
//! Pure functions without state. What to do about a deviation is decided elsewhere.

use crate::deviation::{FrameDeviation, TextKind};
use crate::frame::{FrameHeader, LengthForm, Opcode};

/// Which end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The end that asked for the connection; it masks.
    Client,
    /// The end that granted it; it does not mask.
    Server,
}

impl Role {
    /// The other end.
    #[must_use]
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What a header is judged against.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Who sent the frame.
    pub sender: Role,
    /// permessage-deflate is agreed on, so RSV1 means something at the start of a message.
    pub deflate: bool,
    /// A fragmented message is open.
    pub message_open: bool,
}

/// Reports everything that is wrong with `header`.
pub fn judge(header: &FrameHeader, context: &Context, mut report: impl FnMut(FrameDeviation)) {
    match (context.sender, header.mask) {
        (Role::Client, None) => report(FrameDeviation::ClientFrameUnmasked),
        (Role::Server, Some(_)) => report(FrameDeviation::ServerFrameMasked),
        _ => {}
    }
    let opcode = header.opcode;
    let begins_message = matches!(opcode, Opcode::Text | Opcode::Binary);
    let bits = u8::from(header.rsv1 && !(context.deflate && begins_message)) << 6
        | u8::from(header.rsv2) << 5
        | u8::from(header.rsv3) << 4;
    if bits != 0 {
        report(FrameDeviation::ReservedBits { bits });
    }
    if let Opcode::Reserved(opcode) = opcode {
        report(FrameDeviation::ReservedOpcode { opcode });
    } else if opcode.is_control() {
        if !header.fin {
            report(FrameDeviation::ControlFragmented { opcode });
        }
        if header.length > 125 {
            report(FrameDeviation::ControlTooLong {
                opcode,
                length: header.length,
            });
        }
    } else if begins_message && context.message_open {
        report(FrameDeviation::MessageInsideMessage { opcode });
    } else if opcode == Opcode::Continuation && !context.message_open {
        report(FrameDeviation::ContinuationWithoutStart);
    }
    let (length, form) = (header.length, header.length_form);
    if length >> 63 != 0 {
        report(FrameDeviation::LengthHighBit { length });
    } else if form > LengthForm::minimal(length) {
        report(FrameDeviation::LengthNotMinimal { length, form });
    }
}

/// What [`sniff`] makes of the first bytes where a frame should begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniffed {
    /// No text that is known here; treat it as a frame.
    Frame,
    /// It could be the start of such a text.
    NeedsMore,
    /// Not a frame.
    Text(TextKind),
}

/// Texts that turn up where frames should be. None begins like a valid frame: every first byte has
/// reserved bits or a reserved opcode.
const TEXTS: &[(&[u8], TextKind)] = &[
    (b"http/", TextKind::HttpResponse),
    (b"<!doctype", TextKind::Markup),
    (b"<html", TextKind::Markup),
    (b"<head", TextKind::Markup),
    (b"<body", TextKind::Markup),
    (b"<script", TextKind::Markup),
    (b"<meta", TextKind::Markup),
    (b"<?xml", TextKind::Markup),
    (b"get /", TextKind::HttpRequest),
    (b"head /", TextKind::HttpRequest),
    (b"post /", TextKind::HttpRequest),
    (b"put /", TextKind::HttpRequest),
    (b"options ", TextKind::HttpRequest),
    (b"connect ", TextKind::HttpRequest),
];

/// Compares the bytes at a frame boundary with known texts, in any case. At most nine bytes are needed.
pub fn sniff(bytes: &[u8]) -> Sniffed {
    let mut needs_more = false;
    for (text, kind) in TEXTS {
        let compared = text.len().min(bytes.len());
        if text[..compared].eq_ignore_ascii_case(&bytes[..compared]) {
            if compared == text.len() {
                return Sniffed::Text(*kind);
            }
            needs_more = true;
        }
    }
    if needs_more {
        Sniffed::NeedsMore
    } else {
        Sniffed::Frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Parsed;

    #[test]
    fn known_texts_are_recognised_as_soon_as_possible() {
        assert_eq!(sniff(b""), Sniffed::NeedsMore);
        assert_eq!(sniff(b"HTT"), Sniffed::NeedsMore);
        assert_eq!(
            sniff(b"HTTP/1.1 502"),
            Sniffed::Text(TextKind::HttpResponse)
        );
        assert_eq!(sniff(b"<!DOCTYPE html>"), Sniffed::Text(TextKind::Markup));
        assert_eq!(
            sniff(b"GET / HTTP/1.1"),
            Sniffed::Text(TextKind::HttpRequest)
        );
        assert_eq!(sniff(b"<x"), Sniffed::Frame);
        assert_eq!(sniff(&[0x81, 0x05]), Sniffed::Frame);
    }

    #[test]
    fn no_valid_frame_begins_like_a_known_text() {
        for sender in [Role::Client, Role::Server] {
            for (text, _) in TEXTS {
                for first in [text[0], text[0].to_ascii_uppercase()] {
                    let Parsed::Header { header, .. } = FrameHeader::parse(&[first, 0]) else {
                        panic!("two bytes are a header");
                    };
                    let context = Context {
                        sender,
                        deflate: true,
                        message_open: true,
                    };
                    let mut names = Vec::new();
                    judge(&header, &context, |deviation| {
                        names.push(deviation.as_str());
                    });
                    let is_known =
                        names.contains(&"reserved-bits") || names.contains(&"reserved-opcode");
                    assert!(is_known, "{:?} {names:?}", char::from(first));
                }
            }
        }
    }

    #[test]
    fn all_deviations_of_one_header_are_reported() {
        let header = FrameHeader {
            fin: false,
            rsv1: true,
            rsv2: false,
            rsv3: true,
            opcode: Opcode::Ping,
            mask: None,
            length: 126,
            length_form: LengthForm::SixtyFour,
        };
        let context = Context {
            sender: Role::Client,
            deflate: true,
            message_open: false,
        };
        let mut seen = Vec::new();
        judge(&header, &context, |deviation| seen.push(deviation));
        assert_eq!(
            seen,
            [
                FrameDeviation::ClientFrameUnmasked,
                FrameDeviation::ReservedBits { bits: 0x50 },
                FrameDeviation::ControlFragmented {
                    opcode: Opcode::Ping
                },
                FrameDeviation::ControlTooLong {
                    opcode: Opcode::Ping,
                    length: 126
                },
                FrameDeviation::LengthNotMinimal {
                    length: 126,
                    form: LengthForm::SixtyFour
                },
            ]
        );
    }
}
