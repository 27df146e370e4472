//! What a real browser did and saw.

use serde::{Deserialize, Serialize};

use super::conversation::MessageKind;
use super::http::{Header, RequestHead, Response};

/// One WebSocket made by a real browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrowserCapture {
    /// The browser's own name and version.
    pub browser: String,
    /// The page the socket was opened from.
    #[serde(default)]
    pub page: Option<String>,
    /// Whether an empty page stood in for the site's own.
    #[serde(default)]
    pub page_substituted: bool,
    /// The handshake as sent, as far as the browser reveals it.
    #[serde(default)]
    pub request: Option<RequestHead>,
    /// The answer.
    #[serde(default)]
    pub response: Option<Response>,
    /// Cookies the page visit set: names only.
    #[serde(default)]
    pub cookie_names: Vec<String>,
    /// Security details of the connection, where the browser tells: the issuer.
    #[serde(default)]
    pub issuer: Option<Header>,
    /// The answer to the visit of the page, where there was one: its body's text only where it is a challenge.
    #[serde(default)]
    pub document: Option<Box<Response>>,
    /// The first messages of the socket, both ways.
    #[serde(default)]
    pub messages: Vec<BrowserMessage>,
    /// What came of it.
    pub outcome: BrowserOutcome,
    /// In all, in milliseconds.
    pub elapsed_ms: u64,
}

/// A message of a browser's socket: its names, no content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserMessage {
    /// Whether the browser sent it.
    pub sent: bool,
    /// Its kind.
    pub kind: MessageKind,
    /// Payload length.
    pub bytes: u64,
    /// Since the handshake's answer, in milliseconds.
    pub after_ms: u64,
    /// What it calls itself, for example `connection_init`, where it is JSON with such a field.
    #[serde(default)]
    pub name: Option<String>,
    /// Where it holds texts, as JSON pointers (RFC 6901).
    #[serde(default)]
    pub texts_at: Vec<String>,
}

/// What came of a browser's attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum BrowserOutcome {
    /// It opened.
    Opened {
        /// Frames received while it was watched.
        frames_received: u32,
        /// The code with which it ended while it was watched.
        #[serde(default)]
        closed: Option<u16>,
    },
    /// It did not open.
    Failed {
        /// The browser's error text, for example `net::ERR_CONNECTION_RESET`.
        error: String,
    },
    /// There is no browser to ask, or it did not start.
    Unavailable {
        /// Why, and how to get one.
        reason: String,
    },
}
