//! The load generator: many connections on one thread, one message outstanding on each.
//!
//! It must never batch: each message is one write, and the next one waits for the echo of the last.

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

/// Bytes of one message, all of them text.
pub(crate) const MESSAGE_BYTES: usize = 1024;

/// Where the load goes and how it is spoken.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Where to connect.
    pub(crate) address: SocketAddr,
    /// Path and query of the handshake.
    pub(crate) path: &'static str,
    /// What is spoken after the handshake.
    pub(crate) speech: Speech,
    /// TLS towards the target, with its certificate as the only one trusted.
    pub(crate) tls: Option<Arc<ClientConfig>>,
}
