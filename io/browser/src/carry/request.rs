//! What a caller asks for when it wants a socket of the browser's, and why it may not get one.
//!
//! Plain data. Nothing here decides whether a refusal is worth another try.

use std::time::Duration;

use crate::error::BrowserError;

/// One WebSocket to open inside a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketRequest {
    /// Where to, as `ws://` or `wss://` with path and query.
    pub url: String,
    /// Subprotocols to offer, in order.
    pub subprotocols: Vec<String>,
    /// The origin of the page that opens it, as `https://chat.example`; `None` takes the page's or the URL's own.
    pub origin: Option<String>,
    /// A page to visit before, so that its cookies and its login are there; `None` visits nothing unless the
    /// handshake is refused.
    pub page: Option<String>,
    /// Sockets of different accounts share no cookies; `None` is the browser's own profile.
    pub account: Option<String>,
    /// Longest wait for the page and the handshake together.
    pub timeout: Duration,
    /// The largest message in bytes, in either direction.
    pub message_bytes_max: usize,
}

impl SocketRequest {
    /// Opens this URL from an empty page of its own origin: within 30 s, messages of up to 16 MiB.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            subprotocols: Vec::new(),
            origin: None,
            page: None,
            account: None,
            timeout: OPEN_TIMEOUT,
            message_bytes_max: MESSAGE_BYTES_MAX,
        }
    }
}

/// The answer to a handshake, as far as the browser tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandshakeAnswer {
    /// The status code.
    pub status: u16,
    /// Names and values in order; empty for a refusal, whose headers the browser keeps to itself.
    pub headers: Vec<(String, String)>,
}

/// Why no socket was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The server answered, and not with 101.
    #[error("the server refused the browser's handshake with status {}", .answer.status)]
    Refused {
        /// What it answered.
        answer: HandshakeAnswer,
        /// What was tried before, for example that the site's page was visited; empty where nothing was.
        note: String,
    },
    /// No answer that a handshake has.
    #[error("the browser could not open the socket: {reason}")]
    Failed {
        /// The browser's words, for example `net::ERR_CONNECTION_RESET`.
        reason: String,
    },
    /// A limit of ours.
    #[error("no further socket in the browser: {what}")]
    Limit {
        /// Which, with both numbers.
        what: String,
    },
    /// The site asks the browser for proof of a human, which Towpath reports and does not give.
    #[error("{sentence}")]
    Challenge {
        /// Which page, who asks and by what it was recognised.
        sentence: String,
        /// What the site's operator can change.
        remedy: String,
        /// What the server answered the handshake that made us visit the page; `None` where the page came first.
        answer: Option<HandshakeAnswer>,
    },
    /// The page that was named did not load.
    #[error("{page} did not load: {reason}")]
    Page {
        /// Its address without a query.
        page: String,
        /// The browser's words.
        reason: String,
    },
    /// The browser could not be used.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// Neither an answer nor a failure in time.
    #[error("no answer to the browser's handshake within {} s", .limit.as_secs_f32())]
    TimedOut {
        /// The limit that was reached.
        limit: Duration,
    },
}

/// Why a message could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Over {
    /// The socket is closed, or is being closed.
    #[error("the socket is closed")]
    Closed,
    /// The message is larger than [`SocketRequest::message_bytes_max`].
    #[error("a message of {bytes} bytes is over the limit of {max}")]
    TooBig {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A text message that is not UTF-8.
    #[error("a text message is not UTF-8")]
    NotText,
}

/// Default of [`SocketRequest::timeout`].
const OPEN_TIMEOUT: Duration = Duration::from_secs(30);
/// Default of [`SocketRequest::message_bytes_max`].
const MESSAGE_BYTES_MAX: usize = 16 << 20;
