//! How connections of one network ended, over many sessions.

use serde::{Deserialize, Serialize};

use super::attachment::Attachment;
use super::transport::Transport;

/// What the gateway remembers of a client network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The network as a prefix, or [`History::ALL`].
    pub network: String,
    /// How far back it reaches, in milliseconds.
    pub span_ms: u64,
    /// Clients that connected, as far as addresses tell them apart.
    pub clients: u32,
    /// How WebSocket requests arrived, by client.
    pub arrivals: Vec<PastArrival>,
    /// Connections that ended, oldest first, at most 256.
    pub ends: Vec<PastEnd>,
}

impl History {
    /// What stands for every client of a gateway where the prefix of a network is expected.
    pub const ALL: &'static str = "all";
}

/// How a client's requests for a WebSocket arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastArrival {
    /// Which client, by a number within this history.
    pub client: u32,
    /// Those that were whole.
    pub whole: u32,
    /// Those that had lost their upgrade.
    pub lost_upgrade: u32,
}

/// One connection that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastEnd {
    /// When, in milliseconds since this history begins.
    pub at_ms: u64,
    /// Which client, by a number within this history.
    pub client: u32,
    /// What was seen of it.
    pub attachment: Attachment,
}

impl PastEnd {
    /// What carried it.
    pub const fn transport(&self) -> Transport {
        self.attachment.transport
    }
}
