//! How a step on the network failed, without saying whose fault it was.

use serde::{Deserialize, Serialize};

/// The step of an attempt, in the order in which the steps are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Turning the name into addresses.
    Resolve,
    /// The TCP connection (to the target, or to the proxy where one is used).
    Connect,
    /// The proxy's answer to CONNECT, or the SOCKS negotiation.
    Tunnel,
    /// The TLS handshake.
    Tls,
    /// The HTTP request and its response head.
    Http,
}

/// Why a step did not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum Failure {
    /// Nobody listens, or somebody answered with a reset (`ECONNREFUSED`).
    Refused,
    /// No answer within the time allowed.
    TimedOut {
        /// How long was waited, in milliseconds.
        waited_ms: u64,
    },
    /// The connection was reset (`ECONNRESET`, `EPIPE`).
    Reset,
    /// The peer ended the stream where more bytes were due.
    EndOfStream,
    /// No route to the network or host (`ENETUNREACH`, `EHOSTUNREACH`).
    Unreachable,
    /// The operating system forbade it (`EACCES`, `EPERM`).
    Forbidden,
    /// This machine is out of sockets, ports or memory (`EMFILE`, `EADDRNOTAVAIL`, …).
    LocalLimit,
    /// The name has no usable address.
    NoAddress,
    /// The peer sent a TLS alert (RFC 8446 section 6).
    Alert {
        /// The alert's number.
        code: u8,
        /// The alert's registered name, for example `handshake_failure`.
        name: String,
    },
    /// The peer's first bytes were not TLS.
    NotTls {
        /// The first bytes as printable text, at most 64 characters.
        first_bytes: String,
    },
    /// The certificate chain is not trusted; the step was ended on this side.
    NotTrusted,
    /// The peer's bytes were not an HTTP response.
    NotHttp {
        /// The first bytes as printable text, at most 64 characters.
        first_bytes: String,
    },
    /// A response head or body was larger than this program reads.
    TooLarge {
        /// The limit that was passed, in bytes.
        limit_bytes: u64,
    },
    /// The server did not agree to HTTP/2 when it was offered.
    Http2NotAgreed,
    /// The server speaks HTTP/2 and does not offer extended CONNECT (RFC 8441 section 3).
    ExtendedConnectNotOffered,
    /// The server chose an application protocol that was not offered (RFC 7301 section 3.2).
    ProtocolNotOffered,
    /// HTTP/2 refused or ended the request (RFC 9113 error code name).
    Http2 {
        /// What happened, in a few words.
        detail: String,
    },
    /// Something that none of the above names.
    Other {
        /// What the library or operating system said.
        detail: String,
    },
}

/// A failed attempt: where, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The step that did not complete.
    pub stage: Stage,
    /// How it failed.
    #[serde(flatten)]
    pub failure: Failure,
}
