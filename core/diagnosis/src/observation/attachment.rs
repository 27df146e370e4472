//! One use of one transport, from its begin to its end, as the gateway saw it.

use serde::{Deserialize, Serialize};

use super::transport::Transport;

/// What the gateway saw of one use of a transport. A WebSocket that opened and never said its first envelope is one too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// What carried.
    pub transport: Transport,
    /// Its number within the session; 0 where it never attached, and for plain WebSockets.
    pub generation: u64,
    /// Whether HTTP/2 carried it.
    #[serde(default)]
    pub http2: bool,
    /// Whether the client's first envelope arrived. A plain WebSocket counts as attached when it opens.
    pub attached: bool,
    /// Whether it was in use at any time, and no mere candidate.
    pub used: bool,
    /// How long it lived, in milliseconds.
    pub age_ms: u64,
    /// When the first byte behind the handshake came from the client, in milliseconds since its begin.
    #[serde(default)]
    pub first_up_ms: Option<u64>,
    /// How long nothing had come up before the end, in milliseconds.
    pub silent_up_ms: u64,
    /// How long nothing had gone down before the end, in milliseconds.
    pub silent_down_ms: u64,
    /// Bytes that came up, of all requests.
    pub bytes_up: u64,
    /// Bytes that went down, of all responses.
    pub bytes_down: u64,
    /// Messages or envelopes that came up; absent where they are not counted.
    #[serde(default)]
    pub messages_up: Option<u64>,
    /// The same down.
    #[serde(default)]
    pub messages_down: Option<u64>,
    /// The shortest time from a ping to its pong through all hops, in microseconds.
    #[serde(default)]
    pub round_trip_us: Option<u64>,
    /// How it ended.
    pub end: AttachmentEnd,
}

/// How a use of a transport ended. For `stream`, `sse` and `poll` it is the response that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum AttachmentEnd {
    /// It had not ended when this was written.
    Open,
    /// The session or the WebSocket was closed in order, by either side.
    Closed {
        /// Whether the client's side spoke first.
        by_client: bool,
        /// The close code; absent where there was none, or it was not seen.
        #[serde(default)]
        code: Option<u16>,
    },
    /// The client went over to another attachment, or gave a candidate up.
    Superseded,
    /// The stream ended (FIN) with no word before it.
    EndOfStream,
    /// The connection was reset (RST).
    Reset,
    /// Nothing was heard for too long, and the gateway gave it up.
    Silent,
    /// The gateway ended it: the name of a limit or outcome.
    Gateway {
        /// The name.
        outcome: String,
    },
    /// The backend's side broke first.
    Backend,
}

impl AttachmentEnd {
    /// Whether the path ended it: nobody at either end said so.
    pub const fn is_cut(&self) -> bool {
        matches!(self, Self::EndOfStream | Self::Reset | Self::Silent)
    }
}
