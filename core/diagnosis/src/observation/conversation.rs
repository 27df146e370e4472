//! What happened on an open WebSocket.

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::handshake::Change;

/// One exercise on an open socket. Several may share a socket, told by `socket`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Number of the socket within the run; exercises with one number shared one connection.
    pub socket: u32,
    /// How the handshake that opened the socket differed from the first one; empty for the same.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// What was done.
    pub exercise: Exercise,
    /// Whether permessage-deflate was agreed on this socket.
    pub compressed: bool,
    /// The subprotocol agreed on this socket.
    #[serde(default)]
    pub subprotocol: Option<String>,
    /// Whether HTTP/2 carried the socket.
    #[serde(default)]
    pub http2: bool,
    /// How long the socket had been open and how many exercises it had passed before this one.
    pub open_before_ms: u64,
    /// Exercises that this socket had completed before.
    pub passed_before: u32,
    /// What came and went, in order.
    pub events: Vec<Event>,
    /// What came of it.
    pub outcome: Outcome,
    /// In all, in milliseconds.
    pub elapsed_ms: u64,
}

impl Conversation {
    /// Whether nothing here asks for an explanation.
    ///
    /// An orderly end is not a fault: a server may say goodbye (1000, 1001, no code) when it likes, and many
    /// drop the connection instead of finishing the closing handshake. `answer_due` says whether the
    /// user's own message must be answered.
    pub fn passed(&self, answer_due: bool) -> bool {
        match (&self.outcome, &self.exercise) {
            (Outcome::Answered { .. }, _) => true,
            (Outcome::Silent { .. }, Exercise::Send) => !answer_due,
            // A server may need longer for many messages at once than anybody waits.
            (Outcome::Different { .. }, Exercise::Burst { .. }) => true,
            (Outcome::Silent { .. } | Outcome::Ended(_), Exercise::Close) => true,
            (Outcome::Ended(_), Exercise::Send) if answer_due => false,
            (Outcome::Ended(Ending::Closed { code, .. }), _) => {
                matches!(code, None | Some(1000 | 1001))
            }
            _ => false,
        }
    }
}

/// What is done on an open socket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "exercise", rename_all = "snake_case")]
pub enum Exercise {
    /// Nothing is sent; what the server sends first is noted.
    Listen,
    /// A ping, which every endpoint must answer (RFC 6455 section 5.5.2).
    Ping,
    /// An unsolicited pong, which every endpoint must accept and none answers.
    Pong,
    /// The user's own message (`--send`).
    Send,
    /// GraphQL's `connection_init` in the generation that the subprotocol names.
    GraphqlInit,
    /// A text message that is expected back.
    Text {
        /// Payload length.
        bytes: u64,
    },
    /// A binary message that is expected back.
    Binary {
        /// Payload length.
        bytes: u64,
    },
    /// A text message in several frames that is expected back.
    Fragmented {
        /// Payload length.
        bytes: u64,
        /// Number of frames.
        frames: u32,
    },
    /// Many small messages, one a beat, each expected back with its time.
    Trickle {
        /// How many.
        messages: u32,
        /// The beat, in milliseconds.
        every_ms: u64,
    },
    /// Many small messages at once.
    Burst {
        /// How many.
        messages: u32,
    },
    /// A closing handshake with code 1000.
    Close,
}

/// What came or went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Milliseconds since the exercise began.
    pub at_ms: u64,
    /// What.
    #[serde(flatten)]
    pub payload: Payload,
}

/// What an event was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Payload {
    /// A message or control frame was sent.
    Sent {
        /// Its kind.
        kind: MessageKind,
        /// Payload length.
        bytes: u64,
    },
    /// A message or control frame came.
    Received {
        /// Its kind.
        kind: MessageKind,
        /// Payload length.
        bytes: u64,
        /// The beginning of a text payload, at most 256 characters, secrets removed.
        #[serde(default)]
        excerpt: String,
        /// Whether it answers an earlier exercise on this socket, after that had been given up.
        #[serde(default)]
        late: bool,
    },
    /// The peer broke a rule of the protocol.
    Deviation {
        /// Its name, as the codec spells it.
        name: String,
        /// Where in the stream of bytes after the handshake.
        offset: u64,
        /// The bytes there as printable text, at most 64 characters.
        #[serde(default)]
        bytes: String,
    },
}

/// Kinds of messages and control frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Text.
    Text,
    /// Binary.
    Binary,
    /// Ping.
    Ping,
    /// Pong.
    Pong,
    /// Close.
    Close,
}

/// What came of an exercise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// What was hoped for came (for [`Exercise::Listen`] and [`Exercise::Pong`]: the socket stayed open).
    Answered {
        /// How long the answer took, in milliseconds.
        after_ms: u64,
    },
    /// An answer came, and it was not the right one.
    Different {
        /// What differed, in a few words.
        detail: String,
    },
    /// Nothing came in the time allowed; the socket stayed open.
    Silent {
        /// How long was waited, in milliseconds.
        waited_ms: u64,
    },
    /// The socket ended.
    Ended(Ending),
}

/// How a socket ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "snake_case")]
pub enum Ending {
    /// The peer sent a close frame.
    Closed {
        /// Its code; absent for none (1005 to an application).
        #[serde(default)]
        code: Option<u16>,
        /// Its reason, at most 123 bytes, secrets removed.
        #[serde(default)]
        reason: String,
    },
    /// The stream ended without a close frame (1006 to an application).
    EndOfStream,
    /// The connection was reset (1006 to an application).
    Reset,
    /// It failed otherwise.
    Failed(Failure),
    /// This side gave up because the peer broke the protocol.
    Deviated,
}
