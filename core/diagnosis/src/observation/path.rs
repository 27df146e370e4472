//! TCP connections and tunnels through proxies.

use core::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::http::Response;

/// Which way an attempt went.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Route {
    /// The proxy as `scheme://host:port`; absent when direct.
    #[serde(default)]
    pub proxy: Option<String>,
    /// The address connected to (the proxy's where there is one).
    #[serde(default)]
    pub address: Option<SocketAddr>,
}

/// One TCP connection attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// The address tried.
    pub address: SocketAddr,
    /// Whether this is the proxy's address rather than the target's.
    pub to_proxy: bool,
    /// What came of it.
    pub outcome: ConnectionOutcome,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// What came of a connection attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ConnectionOutcome {
    /// Connected.
    Connected,
    /// Not connected.
    Failed(Failure),
}

/// Which protocol a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyKind {
    /// HTTP CONNECT (RFC 9110 section 9.3.6), the proxy itself reached in plain text.
    Http,
    /// HTTP CONNECT, the proxy itself reached over TLS.
    Https,
    /// SOCKS5 (RFC 1928), names resolved on this side.
    Socks5,
    /// SOCKS5, names resolved by the proxy.
    Socks5h,
}

/// A request for a tunnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tunnel {
    /// The proxy, as `scheme://host:port`.
    pub proxy: String,
    /// Its protocol.
    pub kind: ProxyKind,
    /// The host asked for.
    pub host: String,
    /// The port asked for.
    pub port: u16,
    /// Whether credentials were sent.
    pub credentials: bool,
    /// What came of it.
    pub outcome: TunnelOutcome,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// What a proxy answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum TunnelOutcome {
    /// The tunnel stands.
    Established,
    /// An HTTP answer other than 2xx.
    Refused {
        /// The answer.
        response: Box<Response>,
    },
    /// A SOCKS reply other than "succeeded" (RFC 1928 section 6), or refused credentials.
    SocksRefused {
        /// The reply code; absent where authentication was refused.
        #[serde(default)]
        code: Option<u8>,
        /// What the code means.
        meaning: String,
    },
    /// The connection to the proxy failed while the tunnel was negotiated.
    Failed(Failure),
}
