//! Every wait and every size of this crate, each with its name.
//!
//! A limit that is passed becomes an observation; it must never end the program.

use std::time::Duration;

/// How long each step may take and how much is read.
#[derive(Debug, Clone)]
pub struct Limits {
    /// One lookup by the operating system. Longer finds slow resolvers, shorter saves the reader's time.
    pub resolve: Duration,
    /// One query to one name server.
    pub name_server: Duration,
    /// One TCP connection attempt. Shorter than a second calls slow paths dead.
    pub connect: Duration,
    /// The negotiation of a tunnel through a proxy.
    pub tunnel: Duration,
    /// One TLS handshake.
    pub tls: Duration,
    /// How long a server that asked for a client certificate is listened to before a request is
    /// sent: in TLS 1.3 it refuses after this side's last flight. Costs this much where it accepts.
    pub certificate_refusal: Duration,
    /// From the request's last byte to the end of the response head.
    pub head: Duration,
    /// All of a response body.
    pub body: Duration,
    /// From the HTTP/2 preface to the peer's SETTINGS.
    pub http2_settings: Duration,
    /// Most addresses of one name that are tried.
    pub addresses_max: usize,
    /// Most bytes of a response head.
    pub head_bytes_max: usize,
    /// Most header lines of a response.
    pub headers_max: usize,
    /// Most bytes read of a body.
    pub body_bytes_max: usize,
    /// Most bytes of a body that are kept as evidence.
    pub body_kept_bytes: usize,
    /// Most certificates of a chain that are recorded.
    pub chain_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(5),
            name_server: Duration::from_secs(2),
            connect: Duration::from_secs(3),
            tunnel: Duration::from_secs(7),
            tls: Duration::from_secs(6),
            certificate_refusal: Duration::from_millis(300),
            head: Duration::from_secs(7),
            body: Duration::from_secs(2),
            http2_settings: Duration::from_secs(2),
            addresses_max: 8,
            head_bytes_max: 64 * 1024,
            headers_max: 100,
            body_bytes_max: 64 * 1024,
            body_kept_bytes: 4 * 1024,
            chain_max: 10,
        }
    }
}

/// A time span as whole milliseconds, as facts state it.
pub fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
