//! What a network does, as data. Nothing here moves a byte.

use std::time::Duration;

use super::Network;

/// The figures of a network that its user chose, in place of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// An age, a time of silence, or the time between outages.
    pub period: Option<Duration>,
    /// A count of bytes.
    pub bytes: Option<u64>,
    /// What is added to each round trip.
    pub round_trip: Option<Duration>,
}

/// All that is wrong with a network.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Conditions {
    pub(super) upgrade: Upgrade,
    pub(super) socket: Socket,
    pub(super) answers: Answers,
    /// Requests get a `Via` header.
    pub(super) names_itself: bool,
    /// Connections that can only be meant for a WebSocket get no word.
    pub(super) is_mute_to_sockets: bool,
    /// The longest request body that passes, in bytes.
    pub(super) body_bytes_max: Option<u64>,
    /// After this time an answer or a WebSocket is reset.
    pub(super) age_max: Option<Duration>,
    /// After this time without a byte either way an answer or a WebSocket is reset.
    pub(super) idle_max: Option<Duration>,
    /// After this many bytes an answer or a WebSocket is reset.
    pub(super) bytes_max: Option<u64>,
    /// So often everything is cut for a while.
    pub(super) outage_every: Option<Duration>,
    /// Added to each round trip.
    pub(super) round_trip: Option<Duration>,
}

/// What happens to a request that asks for a WebSocket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Upgrade {
    #[default]
    Passes,
    Refused,
    Hung,
    Stripped,
    HopStripped,
}

/// What happens to an open WebSocket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Socket {
    #[default]
    Passes,
    ResetAtFrame,
    Mute,
    MuteDown,
    MuteUp,
    Held,
    Blocks,
}

/// How answers get to the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Answers {
    #[default]
    Flow,
    /// Whole.
    Held,
    /// In blocks of so many bytes.
    Blocks(usize),
}

impl Conditions {
    /// What these networks do together.
    pub(super) fn of(networks: &[&Network], settings: &Settings) -> Self {
        let mut conditions = Self::default();
        for network in networks {
            (network.impose)(&mut conditions, settings);
        }
        conditions
    }
}
