//! Sockets of the time ladder, each kept open under one kind of traffic.

use serde::{Deserialize, Serialize};

use super::conversation::Ending;

/// One socket of the time ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Endurance {
    /// The traffic it carried.
    pub traffic: Traffic,
    /// When it opened, in milliseconds since the run began.
    pub opened_at_ms: u64,
    /// How long it lived, or was watched, in milliseconds.
    pub lived_ms: u64,
    /// How it ended; absent where it outlived the watch.
    #[serde(default)]
    pub ended: Option<Ending>,
    /// Silence on the wire before the end, in milliseconds (time since the last frame either way).
    pub quiet_before_end_ms: u64,
    /// Pings sent.
    #[serde(default)]
    pub pings_sent: u32,
    /// Pongs received.
    #[serde(default)]
    pub pongs_received: u32,
    /// Pings that came from the peer; each was answered.
    #[serde(default)]
    pub pings_received: u32,
    /// Data messages sent.
    #[serde(default)]
    pub data_sent: u32,
    /// Data messages received.
    #[serde(default)]
    pub data_received: u32,
    /// For [`Traffic::SilentThenPing`]: whether the ping at the end was answered.
    #[serde(default)]
    pub final_ping_answered: Option<bool>,
}

/// What a socket of the time ladder carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "traffic", rename_all = "snake_case")]
pub enum Traffic {
    /// Nothing.
    Silent,
    /// A ping every so often.
    Ping {
        /// Milliseconds between pings.
        every_ms: u64,
    },
    /// A data message every so often (the target must permit it).
    Data {
        /// Milliseconds between messages.
        every_ms: u64,
    },
    /// Nothing for a while, then one ping.
    SilentThenPing {
        /// The silence, in milliseconds.
        silent_ms: u64,
    },
}
