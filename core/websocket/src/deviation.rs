//! Everything a peer can do wrong once the connection is open, as data.
//!
//! A deviation states what was seen, never why it was seen or who is to blame: an unknown opcode may come
//! from a bad library, a proxy or an antivirus, and telling them apart is the work of the diagnosis.

use crate::close::CloseCode;
use crate::frame::{LengthForm, Opcode};
use std::fmt;

/// How an endpoint that follows the RFCs takes a deviation. Ordered from mild to grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The connection works on everywhere.
    Tolerated,
    /// No RFC demands it, but browsers fail the connection.
    BrowsersFail,
    /// A conforming endpoint has to fail the connection.
    MustFail,
}

impl Severity {
    /// A stable name in kebab case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tolerated => "tolerated",
            Self::BrowsersFail => "browsers-fail",
            Self::MustFail => "must-fail",
        }
    }
}

/// What bytes look like that stand where a frame should begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// A status line.
    HttpResponse,
    /// A request line.
    HttpRequest,
    /// A page, a script element or another markup document.
    Markup,
}

impl TextKind {
    /// A stable name in kebab case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HttpResponse => "http-response",
            Self::HttpRequest => "http-request",
            Self::Markup => "markup",
        }
    }
}

/// One breach of RFC 6455 or RFC 7692 seen on an open connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FrameDeviation {
    /// A client sent a frame without a mask.
    ClientFrameUnmasked,
    /// A server sent a frame with a mask.
    ServerFrameMasked,
    /// Reserved bits are set that no negotiated extension gives a meaning to, in this kind of frame.
    ReservedBits {
        /// The meaningless bits as they stand in the first byte: 0x40, 0x20 and 0x10.
        bits: u8,
    },
    /// An opcode without a meaning.
    ReservedOpcode {
        /// The four bits.
        opcode: u8,
    },
    /// A control frame with FIN cleared.
    ControlFragmented {
        /// Which control frame.
        opcode: Opcode,
    },
    /// A control frame of more than 125 bytes.
    ControlTooLong {
        /// Which control frame.
        opcode: Opcode,
        /// Its payload in bytes.
        length: u64,
    },
    /// A length written in more bytes than it needs.
    LengthNotMinimal {
        /// The length in bytes.
        length: u64,
        /// The form used.
        form: LengthForm,
    },
    /// A length with its highest bit set. What follows cannot be read.
    LengthHighBit {
        /// The length as stated.
        length: u64,
    },
    /// A continuation while no message is open.
    ContinuationWithoutStart,
    /// A new message began before the fragments of the last one ended.
    MessageInsideMessage {
        /// What began.
        opcode: Opcode,
    },
    /// Text that is not UTF-8.
    InvalidUtf8 {
        /// Place of the first bad byte in the message, after decompression, in bytes.
        byte_offset: u64,
    },
    /// A close payload of one byte, which is too short for a code.
    CloseOneByte,
    /// A close code that must not be sent.
    CloseCodeNotAllowed {
        /// The code.
        code: CloseCode,
    },
    /// A close reason that is not UTF-8.
    CloseReasonNotUtf8 {
        /// Place of the first bad byte in the reason, in bytes.
        byte_offset: u64,
    },
    /// A frame after the close frame. Reported once.
    FrameAfterClose {
        /// The first such frame.
        opcode: Opcode,
    },
    /// A compressed message that does not decompress.
    InflateFailed,
    /// HTTP or markup where a frame should begin. What follows is not frames.
    NotFrames {
        /// What it looks like.
        looks_like: TextKind,
    },
    /// The stream ended inside a frame.
    EndInsideFrame {
        /// Bytes known to be missing: of the header, or of the payload it announced.
        missing: u64,
    },
    /// The stream ended between the fragments of a message.
    EndInsideMessage,
    /// The stream ended without a close frame.
    EndWithoutClose,
}

impl FrameDeviation {
    /// A stable name in kebab case, for reports and for choosing a fault by name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::ClientFrameUnmasked => "client-frame-unmasked",
            Self::ServerFrameMasked => "server-frame-masked",
            Self::ReservedBits { .. } => "reserved-bits",
            Self::ReservedOpcode { .. } => "reserved-opcode",
            Self::ControlFragmented { .. } => "control-fragmented",
            Self::ControlTooLong { .. } => "control-too-long",
            Self::LengthNotMinimal { .. } => "length-not-minimal",
            Self::LengthHighBit { .. } => "length-high-bit",
            Self::ContinuationWithoutStart => "continuation-without-start",
            Self::MessageInsideMessage { .. } => "message-inside-message",
            Self::InvalidUtf8 { .. } => "invalid-utf8",
            Self::CloseOneByte => "close-one-byte",
            Self::CloseCodeNotAllowed { .. } => "close-code-not-allowed",
            Self::CloseReasonNotUtf8 { .. } => "close-reason-not-utf8",
            Self::FrameAfterClose { .. } => "frame-after-close",
            Self::InflateFailed => "inflate-failed",
            Self::NotFrames { .. } => "not-frames",
            Self::EndInsideFrame { .. } => "end-inside-frame",
            Self::EndInsideMessage => "end-inside-message",
            Self::EndWithoutClose => "end-without-close",
        }
    }

    /// Where the rule stands, for example `RFC 6455 section 5.1`.
    pub fn rfc_section(&self) -> &'static str {
        match self {
            Self::ClientFrameUnmasked | Self::ServerFrameMasked => "RFC 6455 section 5.1",
            Self::ReservedBits { .. }
            | Self::ReservedOpcode { .. }
            | Self::LengthNotMinimal { .. }
            | Self::LengthHighBit { .. }
            | Self::NotFrames { .. }
            | Self::EndInsideFrame { .. } => "RFC 6455 section 5.2",
            Self::ContinuationWithoutStart
            | Self::MessageInsideMessage { .. }
            | Self::EndInsideMessage => "RFC 6455 section 5.4",
            Self::ControlFragmented { .. } | Self::ControlTooLong { .. } => "RFC 6455 section 5.5",
            Self::CloseOneByte | Self::CloseReasonNotUtf8 { .. } | Self::FrameAfterClose { .. } => {
                "RFC 6455 section 5.5.1"
            }
            Self::EndWithoutClose => "RFC 6455 section 7.1.1",
            Self::CloseCodeNotAllowed { .. } => "RFC 6455 section 7.4",
            Self::InvalidUtf8 { .. } => "RFC 6455 section 8.1",
            Self::InflateFailed => "RFC 7692 section 7.2.2",
        }
    }

    /// Whether an endpoint has to fail the connection.
    pub fn severity(&self) -> Severity {
        match self {
            Self::FrameAfterClose { .. }
            | Self::EndInsideFrame { .. }
            | Self::EndInsideMessage
            | Self::EndWithoutClose => Severity::Tolerated,
            Self::LengthNotMinimal { .. } => Severity::BrowsersFail,
            _ => Severity::MustFail,
        }
    }

    /// The code of the close frame with which an endpoint answers (RFC 6455 section 7.4.1).
    pub fn close_code(&self) -> CloseCode {
        match self {
            Self::InvalidUtf8 { .. } | Self::CloseReasonNotUtf8 { .. } | Self::InflateFailed => {
                CloseCode::INVALID_PAYLOAD
            }
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}

impl fmt::Display for FrameDeviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientFrameUnmasked => f.write_str("the client sent a frame without a mask"),
            Self::ServerFrameMasked => f.write_str("the server sent a masked frame"),
            Self::ReservedBits { bits } => {
                write!(
                    f,
                    "reserved bits {bits:#04x} are set without a negotiated extension"
                )
            }
            Self::ReservedOpcode { opcode } => write!(f, "the opcode {opcode:#x} has no meaning"),
            Self::ControlFragmented { opcode } => write!(f, "a {opcode:?} frame is fragmented"),
            Self::ControlTooLong { opcode, length } => {
                write!(f, "a {opcode:?} frame has {length} bytes, the most is 125")
            }
            Self::LengthNotMinimal { length, form } => {
                write!(f, "the length {length} is written in the {form:?}-bit form")
            }
            Self::LengthHighBit { length } => {
                write!(f, "the length {length:#018x} has its highest bit set")
            }
            Self::ContinuationWithoutStart => {
                f.write_str("a continuation came while no message was open")
            }
            Self::MessageInsideMessage { opcode } => {
                write!(f, "a {opcode:?} message began inside a fragmented message")
            }
            Self::InvalidUtf8 { byte_offset } => {
                write!(f, "a text message is not UTF-8 at byte {byte_offset}")
            }
            Self::CloseOneByte => f.write_str("a close frame has a payload of one byte"),
            Self::CloseCodeNotAllowed { code } => {
                write!(f, "the close code {} must not be sent", code.0)
            }
            Self::CloseReasonNotUtf8 { byte_offset } => {
                write!(f, "the close reason is not UTF-8 at byte {byte_offset}")
            }
            Self::FrameAfterClose { opcode } => {
                write!(f, "a {opcode:?} frame came after the close frame")
            }
            Self::InflateFailed => f.write_str("a compressed message does not decompress"),
            Self::NotFrames { looks_like } => {
                write!(
                    f,
                    "the bytes are no frame but look like {}",
                    looks_like.as_str()
                )
            }
            Self::EndInsideFrame { missing } => {
                write!(
                    f,
                    "the stream ended inside a frame, {missing} bytes or more are missing"
                )
            }
            Self::EndInsideMessage => f.write_str("the stream ended inside a fragmented message"),
            Self::EndWithoutClose => f.write_str("the stream ended without a close frame"),
        }
    }
}
