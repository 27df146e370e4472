//! What may be asked of the network next.
//!
//! The engine names questions; the probe answers them with observations. There is no other plan:
//! a check asks the first open question until none is left or its budget is spent.

use serde::{Deserialize, Serialize};

use crate::observation::{Change, ControlPath, Exercise, TlsVariation};

/// One question to the machine or the network.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question {
    /// What is this machine set to?
    Environment,
    /// Which addresses does the name have, as applications see it?
    Resolve,
    /// What do the configured name servers say when asked directly?
    ResolveDirect,
    /// Which of the target's addresses accept a TCP connection?
    Connect,
    /// Does another port of the same host accept one?
    ConnectPort {
        /// The port.
        port: u16,
    },
    /// Does the proxy open a tunnel to this port of the target?
    Tunnel {
        /// The port.
        port: u16,
    },
    /// What does a TLS handshake in this variation give?
    Tls(TlsVariation),
    /// What does an ordinary request get?
    Control {
        /// The path asked for.
        path: ControlPath,
        /// Over plain HTTP on port 80 or the target's port, where the target itself is `wss`.
        #[serde(default)]
        plain: bool,
    },
    /// What does an opening handshake with these changes get?
    Handshake {
        /// The changes, all at once; empty for the handshake this program sends first.
        changes: Vec<Change>,
    },
    /// What happens on a fresh open socket when these exercises follow each other?
    Talk {
        /// The exercises, in order; the rest are left out when the socket ends.
        exercises: Vec<Exercise>,
        /// Changes to the handshake that opens the socket.
        #[serde(default)]
        changes: Vec<Change>,
    },
    /// How long do sockets live under different traffic?
    Endure {
        /// How long to watch, in milliseconds.
        watch_ms: u64,
    },
    /// What does a real browser get?
    Browser,
}

impl Question {
    /// The rung of the ladder that the question belongs to, from 1.
    pub fn rung(&self) -> Rung {
        match self {
            Self::Environment => Rung::Environment,
            Self::Resolve | Self::ResolveDirect => Rung::Name,
            Self::Connect | Self::ConnectPort { .. } => Rung::Connection,
            Self::Tunnel { .. } => Rung::Proxy,
            Self::Tls(_) => Rung::Tls,
            Self::Control { .. } => Rung::Control,
            Self::Handshake { .. } => Rung::Handshake,
            Self::Browser => Rung::Browser,
            Self::Talk { .. } => Rung::Messages,
            Self::Endure { .. } => Rung::Time,
        }
    }

    /// How many requests to the target the question costs.
    pub fn cost(&self) -> u32 {
        match self {
            Self::Environment
            | Self::Resolve
            | Self::ResolveDirect
            | Self::Connect
            | Self::ConnectPort { .. }
            | Self::Tunnel { .. }
            | Self::Tls(_) => 0,
            Self::Control { .. } | Self::Handshake { .. } | Self::Talk { .. } => 1,
            Self::Browser => 2,
            Self::Endure { .. } => 6,
        }
    }
}

/// A rung of the ladder a reader sees, top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// This machine's settings.
    Environment,
    /// Name to addresses.
    Name,
    /// TCP.
    Connection,
    /// The tunnel through a proxy.
    Proxy,
    /// TLS.
    Tls,
    /// Ordinary HTTP.
    Control,
    /// The opening handshake.
    Handshake,
    /// A real browser's attempt.
    Browser,
    /// Frames and messages.
    Messages,
    /// Idle time and lifetime.
    Time,
}
