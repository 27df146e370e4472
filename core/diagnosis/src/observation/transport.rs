//! What carries messages, by its name in docs/protocol.md.

use serde::{Deserialize, Serialize};

/// A way for messages between page and gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// The application's own WebSocket, passed through.
    Plain,
    /// A session over a WebSocket.
    Websocket,
    /// A session over a streamed response.
    Stream,
    /// A session over an event stream.
    Sse,
    /// A session over long polling.
    Poll,
}

impl Transport {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Websocket => "websocket",
            Self::Stream => "stream",
            Self::Sse => "sse",
            Self::Poll => "poll",
        }
    }

    /// Whether the bytes travel as RFC 6455 frames.
    pub const fn is_websocket(self) -> bool {
        matches!(self, Self::Plain | Self::Websocket)
    }
}

impl std::fmt::Display for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
