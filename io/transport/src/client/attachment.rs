//! One attachment as the driver sees it: how far it is, and what it owes.
//!
//! It must never look into a transport; it composes what a transport carries.

use towpath_session::Decoder;
use towpath_session::body::Secret;

use super::Transport;
use super::exchanges::SENDS_IN_FLIGHT_MAX;
use super::launch::Running;

/// How far an attachment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// `attach` is on its way.
    Attaching,
    /// `attached` came; a pong must show that small chunks pass.
    Checking {
        /// Since when, in ms.
        since: u64,
    },
    /// Data went both ways.
    Proven,
}

/// One attachment.
#[derive(Debug)]
pub(crate) struct Attachment {
    pub(crate) transport: Transport,
    pub(crate) generation: u64,
    pub(crate) running: Running,
    pub(crate) phase: Phase,
    /// The secret it attached with.
    pub(crate) proof: Secret,
    /// It attached with `"use": true`.
    pub(crate) used_at_once: bool,
    /// A pong has to come back before it counts as proven.
    pub(crate) needs_check: bool,
    /// It is to be used as soon as it has attached, whatever the choice says.
    pub(crate) wanted: bool,
    pub(crate) started_at: u64,
    pub(crate) last_down: u64,
    /// Reads the response in hand.
    pub(crate) decoder: Decoder,
    /// Set by `attached`.
    pub(crate) key: [u8; 16],
    pub(crate) peer_received: u64,
    pub(crate) peer_window: u64,
    /// Number of the last downlink request.
    pub(crate) request: u64,
    /// Ups ordered and not out of the way.
    pub(crate) in_flight: usize,
    /// Downlink responses in a row that brought nothing.
    pub(crate) barren: u32,
    /// The response in hand has brought something.
    pub(crate) fruitful: bool,
    /// The response in hand said `again`.
    pub(crate) ended_on_purpose: bool,
    /// The response before ended otherwise.
    pub(crate) cut: bool,
    /// When to make the next downlink request.
    pub(crate) renew_at: Option<u64>,
}

impl Attachment {
    /// Whether items may be given to it now.
    pub(crate) fn has_room(&self) -> bool {
        let most = match self.transport {
            Transport::WebSocket => 1,
            _ => SENDS_IN_FLIGHT_MAX,
        };
        self.phase != Phase::Attaching && self.in_flight < most
    }

    /// Whether it consists of requests.
    pub(crate) fn is_http(&self) -> bool {
        self.transport != Transport::WebSocket
    }
}
