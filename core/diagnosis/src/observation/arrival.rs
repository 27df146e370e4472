//! What reached the gateway, before anything is carried.
//!
//! That nothing arrived is a fact too, but of the page's attempt: an attempt of the page without an arrival of the
//! same transport never reached the gateway.

use serde::{Deserialize, Serialize};

use super::http::RequestHead;
use super::transport::Transport;

/// One request for a transport as it reached the gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    /// What it asked for.
    pub transport: Transport,
    /// Its head in arrival order. Headers of trusted hops are left out; values are kept only where they
    /// identify nobody, and are empty otherwise. Over HTTP/1.1 the case of names is not kept.
    pub request: RequestHead,
    /// The TLS hello of its connection; absent where TLS ends before the gateway, or there is none.
    #[serde(default)]
    pub hello: Option<ClientHello>,
    /// Proxies in front of the gateway that its settings name as its own.
    #[serde(default)]
    pub trusted_hops: u32,
    /// The network the peer belongs to, as a prefix: `192.0.2.0/24`, `2001:db8:1::/48`.
    pub network: String,
    /// The round trip of the TLS handshake, in microseconds: to whoever ends TLS on the client's side, where TLS ends
    /// at the gateway.
    #[serde(default)]
    pub round_trip_us: Option<u64>,
    /// The status the gateway answered: 101 (200 over HTTP/2 and for the other transports) where it was taken.
    pub status: u16,
}

impl Arrival {
    /// The first value of a header, found by name without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// Whether a header arrived.
    pub fn has(&self, name: &str) -> bool {
        self.header(name).is_some()
    }

    /// Whether a WebSocket was meant and the hop-by-hop half of its request is missing: `Sec-WebSocket-Key` is
    /// there and `Upgrade: websocket` is not. No honest client sends that; a hop took it away (RFC 9110 section 7.6.1).
    pub fn lost_its_upgrade(&self) -> bool {
        let upgrade = self.header("upgrade");
        self.request.version != "HTTP/2"
            && self.has("sec-websocket-key")
            && !upgrade.is_some_and(|value| value.to_ascii_lowercase().contains("websocket"))
    }
}

/// What a TLS hello offered (RFC 8446 section 4.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHello {
    /// Its JA4 fingerprint.
    pub ja4: String,
    /// Length of the handshake message, in bytes.
    pub bytes: u32,
    /// Versions in `supported_versions` without reserved ones; the legacy version alone where there is none.
    pub versions: Vec<u16>,
    /// Types of the extensions without reserved ones, at most 64: in the order sent, or of their numbers where a gateway
    /// keeps one hello for many connections.
    pub extensions: Vec<u16>,
    /// The protocols in ALPN, at most 8.
    pub alpn: Vec<String>,
    /// Whether values reserved for this purpose were mixed in (GREASE, RFC 8701).
    pub grease: bool,
    /// Whether a post-quantum key share was offered.
    pub post_quantum: bool,
}
