//! One end of an open connection: bytes in, events out; messages in, bytes out.
//!
//! A deviation is reported and reading goes on wherever the next frame can still be found; whether to
//! stop is the caller's policy ([`Limits::stop_at`]). Nothing is answered unasked: pongs and close
//! replies are sent by the caller. Between frames and messages the connection owns no buffer.

mod receive;
mod send;

pub use send::SendError;

use crate::assemble::{Assembler, Message};
use crate::close::CloseCode;
use crate::deflate::{Deflater, Inflater};
use crate::deviation::FrameDeviation;
use crate::extension::DeflateParameters;
use crate::frame::{FrameHeader, HEADER_BYTES_MAX};
use crate::judge::Role;
use crate::limits::{Limit, Limits};

/// What arrived. Offsets count the bytes fed to the connection, from the first one after the
/// handshake, and name the start of the frame concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A whole message; the offset is that of its first frame.
    Message {
        /// Its content.
        message: Message,
        /// Where it began.
        offset: u64,
    },
    /// A ping, which is to be answered by a pong with the same payload.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// The first close frame. `code` is `None` where none came, which applications see as 1005.
    Close {
        /// The code, allowed or not.
        code: Option<CloseCode>,
        /// The reason; bytes that are not UTF-8 are replaced.
        reason: String,
    },
    /// The peer broke a rule.
    Deviation {
        /// Which.
        deviation: FrameDeviation,
        /// In which frame.
        offset: u64,
    },
    /// A limit of this end was crossed and the message concerned is discarded.
    OverLimit {
        /// Which.
        limit: Limit,
        /// In which frame.
        offset: u64,
    },
}

/// A sans-I/O WebSocket endpoint.
#[derive(Debug)]
pub struct Connection {
    role: Role,
    limits: Limits,
    deflate: bool,
    inflater: Inflater,
    deflater: Deflater,
    /// Bytes of whole headers and of payload taken so far.
    consumed: u64,
    /// A header that is not complete yet.
    header: [u8; HEADER_BYTES_MAX],
    header_bytes: usize,
    frame: Option<OpenFrame>,
    message: Option<OpenMessage>,
    /// Payload of the open control frame.
    control: Vec<u8>,
    close_received: bool,
    close_sent: bool,
    frame_after_close_reported: bool,
    deviations_seen: u32,
    /// Set when reading has stopped, with the code for the close frame.
    failure: Option<CloseCode>,
}

/// A frame of which the payload is not complete.
#[derive(Clone, Copy, Debug)]
struct OpenFrame {
    header: FrameHeader,
    offset: u64,
    /// Payload bytes taken.
    taken: u64,
    part: Part,
}

/// What becomes of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// It belongs to the open message.
    Message,
    /// It is a control frame's.
    Control,
    /// It has no meaning.
    Skipped,
}

#[derive(Debug)]
struct OpenMessage {
    assembler: Assembler,
    offset: u64,
}

impl Connection {
    /// An end of a connection whose handshake is complete; `deflate` as agreed on there.
    pub fn new(role: Role, limits: Limits, deflate: Option<DeflateParameters>) -> Self {
        let agreed = deflate.unwrap_or_default();
        let client = (
            !agreed.client_no_context_takeover,
            agreed.client_max_window_bits,
        );
        let server = (
            !agreed.server_no_context_takeover,
            agreed.server_max_window_bits,
        );
        let (own, peers) = match role {
            Role::Client => (client, server),
            Role::Server => (server, client),
        };
        Self {
            role,
            limits,
            deflate: deflate.is_some(),
            inflater: Inflater::new(peers.0),
            deflater: Deflater::new(own.0, own.1),
            consumed: 0,
            header: [0; HEADER_BYTES_MAX],
            header_bytes: 0,
            frame: None,
            message: None,
            control: Vec::new(),
            close_received: false,
            close_sent: false,
            frame_after_close_reported: false,
            deviations_seen: 0,
            failure: None,
        }
    }

    /// Which end this is.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Reading has stopped, because of [`Limits::stop_at`] or because no further frame can be found.
    /// The code is the one for the close frame to send.
    pub fn failure(&self) -> Option<CloseCode> {
        self.failure
    }

    /// A close frame has come.
    pub fn close_received(&self) -> bool {
        self.close_received
    }

    /// A close frame has been written by [`Self::send_close`].
    pub fn close_sent(&self) -> bool {
        self.close_sent
    }

    /// Deviations so far, those beyond [`Limits::deviations_max`] included.
    pub fn deviations_seen(&self) -> u32 {
        self.deviations_seen
    }

    /// Part of a frame, or of a fragmented message, has arrived and the rest has not.
    pub fn is_inside_message(&self) -> bool {
        self.header_bytes > 0 || self.frame.is_some() || self.message.is_some()
    }

    /// Memory held for what is arriving, in bytes, without compression state.
    pub fn held_bytes(&self) -> usize {
        let message = self
            .message
            .as_ref()
            .map_or(0, |open| open.assembler.held_bytes());
        message + self.control.capacity()
    }
}

#[cfg(test)]
mod tests;
