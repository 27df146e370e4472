//! What a caller wants opened. It must never hold anything of how: that is the settings' affair.

use url::Url;

/// One WebSocket to open.
#[derive(Clone)]
pub struct Request {
    /// The whole address at the remote, `ws` or `wss`, with path and query.
    pub url: Url,
    /// The subprotocols to offer, in order of preference.
    pub subprotocols: Vec<String>,
    /// Further headers of the handshake, in order. Those that belong to one hop or to the handshake itself are left out on the way;
    /// an `Origin` is replaced where the settings name one.
    pub headers: Vec<(String, String)>,
    /// The handshake of a local client, whose frames are to pass through unparsed. Without one this crate speaks WebSocket itself.
    pub local: Option<LocalHandshake>,
}

impl Request {
    /// A request for a URL with nothing else.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            subprotocols: Vec::new(),
            headers: Vec::new(),
            local: None,
        }
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        write!(
            f,
            "Request({}://{host}{})",
            self.url.scheme(),
            self.url.path()
        )
    }
}

/// What of a local client's handshake the remote has to answer.
#[derive(Debug, Clone)]
pub struct LocalHandshake {
    /// `Sec-WebSocket-Key` as it came.
    pub key: String,
    /// `Sec-WebSocket-Extensions` as it came; empty where none did.
    pub extensions: String,
}
