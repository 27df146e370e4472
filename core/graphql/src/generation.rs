//! The two generations of the protocol. It must never hold more than what tells them apart.

use serde::{Deserialize, Serialize};

/// A generation of GraphQL over WebSocket. Their names are a trap: the library called `graphql-ws` speaks the subprotocol
/// `graphql-transport-ws`, and the subprotocol `graphql-ws` belongs to the older library `subscriptions-transport-ws`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Generation {
    /// The current one, by the subprotocol `graphql-transport-ws`.
    #[serde(rename = "graphql-transport-ws")]
    TransportWs,
    /// The older one, by the subprotocol `graphql-ws`.
    #[serde(rename = "graphql-ws")]
    Legacy,
}

impl Generation {
    /// Both, the current one first.
    pub const ALL: [Self; 2] = [Self::TransportWs, Self::Legacy];

    /// The name to offer in `Sec-WebSocket-Protocol`.
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Self::TransportWs => "graphql-transport-ws",
            Self::Legacy => "graphql-ws",
        }
    }

    /// The generation that a selected subprotocol stands for.
    pub fn of_subprotocol(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|generation| generation.subprotocol() == name)
    }

    /// The message type that starts an operation.
    pub(crate) const fn start(self) -> &'static str {
        match self {
            Self::TransportWs => "subscribe",
            Self::Legacy => "start",
        }
    }

    /// The message type by which a client ends an operation.
    pub(crate) const fn stop(self) -> &'static str {
        match self {
            Self::TransportWs => "complete",
            Self::Legacy => "stop",
        }
    }
}
