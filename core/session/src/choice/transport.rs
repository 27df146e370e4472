//! The transports by their names.

/// A way to carry a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A WebSocket.
    WebSocket,
    /// A streaming response, and requests up.
    Stream,
    /// The same as server-sent events.
    Sse,
    /// One response for each news, and requests up.
    Poll,
}

/// Every transport, best first.
pub const TRANSPORTS: [Transport; 4] = [
    Transport::WebSocket,
    Transport::Stream,
    Transport::Sse,
    Transport::Poll,
];

impl Transport {
    /// The name of its endpoint, in settings and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Stream => "stream",
            Self::Sse => "sse",
            Self::Poll => "poll",
        }
    }

    /// The transport of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        TRANSPORTS.into_iter().find(|one| one.name() == name)
    }
}
