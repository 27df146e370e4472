//! What was learned about each network that clients come from: how soon its hops cut what is silent, old or long.

use std::net::IpAddr;

use crate::config::{SessionSettings, TransportKind};

/// How responses and heartbeats are shaped for one attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Profile {
    /// Silence after which a ping is sent, in milliseconds.
    pub(super) heartbeat_ms: u64,
    /// How long a streaming response lives, in milliseconds.
    pub(super) response_ms: u64,
    /// How long it grows, in bytes.
    pub(super) response_bytes: u64,
    /// Padding that goes with each ping, in bytes.
    pub(super) padding_bytes: usize,
}

/// An attachment or a response that ended without a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// How old it was, in milliseconds.
    pub(super) age_ms: u64,
    /// How long nothing had been written on it, in milliseconds.
    pub(super) idle_ms: u64,
    /// How many bytes had been.
    pub(super) bytes: u64,
}

/// All networks.
#[derive(Debug)]
pub(super) struct Networks {
    heartbeat_ms: u64,
}

impl Networks {
    /// Nothing learned.
    pub(super) fn new(settings: &SessionSettings) -> Self {
        let heartbeat = settings.heartbeat_seconds.duration().as_millis();
        Self {
            heartbeat_ms: u64::try_from(heartbeat).unwrap_or(u64::MAX).max(1),
        }
    }

    /// What fits a network.
    pub(super) fn profile(&self, _network: IpAddr, _transport: TransportKind) -> Profile {
        Profile {
            heartbeat_ms: self.heartbeat_ms,
            response_ms: RESPONSE_MS_MAX,
            response_bytes: RESPONSE_BYTES_MAX,
            padding_bytes: 0,
        }
    }
}

/// No response lives longer, learned or not.
const RESPONSE_MS_MAX: u64 = 30 * 60 * 1000;

/// No response grows larger, learned or not.
const RESPONSE_BYTES_MAX: u64 = 256 << 20;
