//! What a page saw of its own connection.

use serde::{Deserialize, Serialize};

use super::transport::Transport;

/// The page and its browser.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Page {
    /// The browser's `User-Agent`.
    pub user_agent: String,
    /// The page's origin.
    pub origin: String,
    /// What the browser says of the network (`navigator.onLine`).
    pub online: bool,
    /// Whether the page was in the background.
    #[serde(default)]
    pub hidden: bool,
    /// Whether the page itself came over TLS.
    #[serde(default)]
    pub secure: bool,
    /// Whether `WebSocket` is the browser's own and not something put in its place.
    #[serde(default = "yes")]
    pub native_websocket: bool,
    /// The directive of a content security policy that forbade a connection to the gateway, as the browser's
    /// event named it, for example `connect-src`.
    #[serde(default)]
    pub csp_directive: Option<String>,
    /// Whether the browser refused an unencrypted WebSocket in an encrypted page.
    #[serde(default)]
    pub mixed_content: bool,
    /// The HTTP version of an ordinary request to the gateway (`nextHopProtocol`), where the browser tells.
    #[serde(default)]
    pub http_version: Option<String>,
    /// Whether the device slept or the page was frozen while it was watched.
    #[serde(default)]
    pub slept: bool,
    /// Whether the device lost or changed its network while it was watched.
    #[serde(default)]
    pub network_changed: bool,
}

fn yes() -> bool {
    true
}

/// One attempt of the page to use a transport. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which transport.
    pub transport: Transport,
    /// Until it opened: the WebSocket's `open`, or the head of a response. Absent where it did not.
    #[serde(default)]
    pub opened_ms: Option<u64>,
    /// Until it was proven: data went up and came back. Absent where it was not.
    #[serde(default)]
    pub proven_ms: Option<u64>,
    /// Until its end; absent while it lives.
    #[serde(default)]
    pub ended_ms: Option<u64>,
    /// How it ended.
    pub end: AttemptEnd,
}

/// How an attempt ended, as far as a page can know (whatwg/websockets hides the rest on purpose).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum AttemptEnd {
    /// It lives.
    Open,
    /// Given up because another one had won.
    Cancelled,
    /// The gateway said that a later attachment is in use.
    Overtaken,
    /// The session was closed in order.
    Closed {
        /// The close code.
        #[serde(default)]
        code: Option<u16>,
    },
    /// It failed or died.
    Failed {
        /// The code of the WebSocket's close event.
        #[serde(default)]
        code: Option<u16>,
        /// The status of an HTTP answer that was not 200.
        #[serde(default)]
        status: Option<u16>,
    },
    /// Nothing came in the time allowed.
    Silent,
    /// It brought data, but held small chunks back.
    HeldBack,
}
