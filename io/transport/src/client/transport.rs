//! The four transports by name.

/// What carries a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Binary messages of a WebSocket.
    WebSocket,
    /// One long HTTP response of bytes, and requests beside it.
    Stream,
    /// One long HTTP response of server-sent events, and requests beside it.
    Sse,
    /// Long polling, and requests beside it.
    Poll,
}

impl Transport {
    /// All of them, the best first (protocol section 8).
    pub const ALL: [Self; 4] = [Self::WebSocket, Self::Stream, Self::Sse, Self::Poll];

    /// The endpoint's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Stream => "stream",
            Self::Sse => "sse",
            Self::Poll => "poll",
        }
    }
}
