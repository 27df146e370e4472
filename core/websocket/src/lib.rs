//! A sans-I/O WebSocket codec that reports every deviation from RFC 6455 and RFC 7692 as data.
//!
//! Parsing and judging are kept apart: [`frame`] and [`extension`] read and write any bits, right or
//! wrong, and [`deviation`] names what a peer did wrong, so that a probe can look on after the first
//! fault and a fault lab can produce each of them. Nothing here opens a socket, reads a clock or draws
//! a random number: bytes, keys and mask keys are arguments.

pub mod close;
pub mod deviation;
pub mod extension;
pub mod frame;
pub mod handshake;
pub mod mask;

pub use close::{CloseCode, ClosePayload, encode_close, parse_close};
pub use deviation::{FrameDeviation, Severity, TextKind};
pub use extension::{DeflateOffer, DeflateParameters, Extension};
pub use frame::{FrameHeader, LengthForm, Opcode, Parsed, encode_frame};
pub use handshake::{
    Acceptance, HandshakeDeviation, Offer, RequestHead, RequestReview, ResponseHead, accept_key,
    check_connect_response, check_request, check_response, key_from,
};
