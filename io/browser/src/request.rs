//! What a capture is asked to do.

use std::time::Duration;

/// One visit and, if wanted, one WebSocket from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureRequest {
    /// The WebSocket in question, `ws:` or `wss:`, with its query. Decides the origin where no page is given.
    pub websocket_url: String,
    /// The page to be in when the socket opens.
    pub page: PageChoice,
    /// How long to watch the loaded page for sockets that it makes itself. The watch ends early once one to the
    /// target's host was answered and [`CaptureRequest::linger`] has passed. Zero does not watch.
    pub watch_page: Duration,
    /// How much longer to watch where the page has made no socket to the target's host yet, and ours did not open and
    /// stay open: then only the page knows how, and it may take its time.
    pub watch_longer: Duration,
    /// The socket to open; `None` only watches the page.
    pub open: Option<OpenRequest>,
    /// How long to stay with a socket after its handshake was answered, to see its first messages or early death.
    pub linger: Duration,
    /// Longest wait for the page to load.
    pub page_timeout: Duration,
    /// Longest wait for the handshake to be answered.
    pub handshake_timeout: Duration,
}

impl CaptureRequest {
    /// Opens the given WebSocket from its site's root, without subprotocols, staying 500 ms.
    pub fn open(websocket_url: impl Into<String>) -> Self {
        Self {
            websocket_url: websocket_url.into(),
            page: PageChoice::SiteRoot,
            watch_page: Duration::ZERO,
            watch_longer: Duration::ZERO,
            open: Some(OpenRequest::default()),
            linger: LINGER,
            page_timeout: PAGE_TIMEOUT,
            handshake_timeout: HANDSHAKE_TIMEOUT,
        }
    }
}

/// The page to be in when the socket opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageChoice {
    /// `/` of the WebSocket's own site; an empty stand-in of the same origin if that does not load.
    SiteRoot,
    /// This page; an empty stand-in of its origin if it does not load.
    Visit(String),
    /// An empty stand-in at this address, without any request to the server: gives the sockets this origin.
    StandIn(String),
}

/// A socket to open from the page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenRequest {
    /// Subprotocols to offer, in order.
    pub subprotocols: Vec<String>,
    /// Text messages to send once open.
    pub messages: Vec<String>,
}

const LINGER: Duration = Duration::from_millis(500);
const PAGE_TIMEOUT: Duration = Duration::from_secs(10);
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
