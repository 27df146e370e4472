//! What the application sends and sees.

use crate::client::Transport;
use bytes::Bytes;

/// Text or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// UTF-8.
    Text,
    /// Bytes.
    Binary,
}

/// One message. A clone shares the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    kind: MessageKind,
    payload: Bytes,
}

impl Message {
    /// A text message.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            kind: MessageKind::Text,
            payload: Bytes::from(text.into()),
        }
    }

    /// A binary message.
    pub fn binary(payload: impl Into<Bytes>) -> Self {
        Self {
            kind: MessageKind::Binary,
            payload: payload.into(),
        }
    }

    /// Text must be UTF-8; `None` where it is not.
    pub(crate) fn of(kind: MessageKind, payload: Bytes) -> Option<Self> {
        let is_fine = kind == MessageKind::Binary || std::str::from_utf8(&payload).is_ok();
        is_fine.then_some(Self { kind, payload })
    }

    /// Text or bytes.
    pub fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The content.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// The text of a text message.
    pub fn as_text(&self) -> Option<&str> {
        match self.kind {
            MessageKind::Text => std::str::from_utf8(&self.payload).ok(),
            MessageKind::Binary => None,
        }
    }
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The close code; 1005 where none was given.
    pub code: u16,
    /// The reason.
    pub reason: String,
    /// The named outcome (protocol section 7), where it ended other than by a close.
    pub outcome: Option<String>,
    /// Sends that were accepted and never acknowledged, in order. They may have arrived or not.
    pub unacknowledged: Vec<Message>,
}

/// What happened, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The backend accepted the handshake.
    Opened {
        /// The subprotocol it chose, or an empty text.
        protocol: String,
        /// The extensions it agreed to with the gateway, or an empty text.
        extensions: String,
    },
    /// The backend refused the handshake. [`Event::Closed`] follows.
    Refused {
        /// The status.
        status: u16,
        /// The header lines in order.
        headers: Vec<(String, String)>,
        /// The body, as far as the gateway kept it.
        body: Bytes,
    },
    /// A message from the backend.
    Message(Message),
    /// The transport is lost; the session goes on as soon as another is found.
    Reconnecting,
    /// The session goes on.
    Recovered {
        /// Over this transport.
        transport: Transport,
    },
    /// The session is over. Nothing follows.
    Closed(Closed),
}
