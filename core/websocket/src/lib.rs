//! A sans-I/O WebSocket codec that reports every deviation from RFC 6455 and RFC 7692 as data.
//!
//! Parsing and judging are kept apart: [`frame`] and [`extension`] read and write any bits, right or
//! wrong, and [`deviation`] names what a peer did wrong, so that a probe can look on after the first
//! fault and a fault lab can produce each of them. Nothing here opens a socket, reads a clock or draws
//! a random number: bytes, keys and mask keys are arguments.
//!
//! - the opening handshake: [`handshake`] and [`extension`]
//! - an open connection, bytes in and events out: [`connection`], bounded by [`limits`]
//! - an open connection for a relay, payloads handed on as they arrive: [`pieces`]
//! - what it is made of: [`frame`], [`mask`], [`judge`], [`assemble`], [`deflate`], [`close`]
//! - what can be wrong, and how to produce it: [`deviation`] and [`mod@specimen`]

pub mod assemble;
pub mod close;
pub mod connection;
pub mod deflate;
pub mod deviation;
pub mod extension;
pub mod frame;
pub mod handshake;
pub mod judge;
pub mod limits;
pub mod mask;
pub mod pieces;
pub mod specimen;
mod utf8;

pub use assemble::{Message, MessageKind};
pub use close::{CloseCode, ClosePayload, encode_close, parse_close};
pub use connection::{Connection, Event, SendError};
pub use deviation::{FrameDeviation, Severity, TextKind};
pub use extension::{DeflateOffer, DeflateParameters, Extension};
pub use frame::{FrameHeader, LengthForm, Opcode, Parsed, encode_frame};
pub use handshake::{
    Acceptance, HandshakeDeviation, Offer, RequestHead, RequestReview, ResponseHead, accept_key,
    check_connect_response, check_request, check_response, key_from,
};
pub use judge::Role;
pub use limits::{Limit, Limits};
pub use pieces::{Piece, PieceError, PieceReader};
pub use specimen::{SPECIMENS, Specimen, specimen};
