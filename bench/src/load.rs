//! The load generator: many connections on one thread, one message outstanding on each unless told otherwise.
//!
//! It must never batch of its own accord: with one message outstanding each is one write. Only where a program that
//! does not wait is measured, what one read set off is written together.

mod client;
mod dialect;
mod fleet;
mod session;
mod stream;

pub(crate) use dialect::Speech;
pub(crate) use fleet::{Fleet, Reading};

use rustls::ClientConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use towpath_websocket::Opcode;

/// What the messages of a conversation look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Bytes of one message.
    pub(crate) bytes: usize,
    /// Text or binary.
    pub(crate) opcode: Opcode,
}

impl Shape {
    /// What the gateway is measured with.
    pub(crate) const KILOBYTE: Self = Self {
        bytes: 1024,
        opcode: Opcode::Text,
    };

    /// A line of chat.
    pub(crate) const SMALL_TEXT: Self = Self {
        bytes: 100,
        opcode: Opcode::Text,
    };

    /// A picture's worth of a shared document.
    pub(crate) const LARGE_BINARY: Self = Self {
        bytes: 10 * 1024,
        opcode: Opcode::Binary,
    };
}

/// Where the load goes and how it is spoken.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Where to connect.
    pub(crate) address: SocketAddr,
    /// Path and query of the handshake.
    pub(crate) path: &'static str,
    /// What is spoken after the handshake.
    pub(crate) speech: Speech,
    /// What the messages look like.
    pub(crate) shape: Shape,
    /// Whether the client says that it is a page of the target's own origin.
    pub(crate) is_page: bool,
    /// TLS towards the target, with its certificate as the only one trusted.
    pub(crate) tls: Option<Arc<ClientConfig>>,
}
