//! HTTP requests and responses as they were on the wire, secrets removed.

use serde::{Deserialize, Serialize};

use super::failure::Failed;
use super::path::Route;
use super::tls::TlsLibrary;

/// One header line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The name, in the case in which it was on the wire.
    pub name: String,
    /// The value, surrounding white space removed.
    pub value: String,
}

/// A request's head as sent, in wire order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RequestHead {
    /// The method, `GET` or `CONNECT`.
    pub method: String,
    /// The request target.
    pub target: String,
    /// `HTTP/1.1` or `HTTP/2`.
    pub version: String,
    /// The header lines in order.
    pub headers: Vec<Header>,
}

/// A response as received.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The reason phrase; empty where there is none.
    #[serde(default)]
    pub reason: String,
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    pub version: String,
    /// The header lines in order.
    pub headers: Vec<Header>,
    /// The beginning of the body.
    #[serde(default)]
    pub body: Body,
    /// From the request's last byte to the response's first, in milliseconds.
    #[serde(default)]
    pub first_byte_ms: u64,
}

impl Response {
    /// The first value of a header, found by name without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// Whether a header is there.
    pub fn has(&self, name: &str) -> bool {
        self.header(name).is_some()
    }
}

/// The beginning of a body, as text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    /// The first bytes, decoded as UTF-8 with replacement characters, at most 4,096 bytes.
    pub text: String,
    /// How many bytes were read in all.
    pub bytes: u64,
    /// Whether there was more than was read or kept.
    #[serde(default)]
    pub cut: bool,
}

/// Which path an ordinary request asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlPath {
    /// `/`.
    Root,
    /// The target's own path and query.
    Same,
    /// A path that surely does not exist.
    Absent,
}

/// An ordinary HTTP request without Upgrade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// The path asked for.
    pub path: ControlPath,
    /// The request.
    pub request: RequestHead,
    /// The way taken.
    pub route: Route,
    /// The TLS library, for `https`.
    #[serde(default)]
    pub library: Option<TlsLibrary>,
    /// What came of it.
    pub outcome: ExchangeOutcome,
    /// In all, in milliseconds.
    pub elapsed_ms: u64,
    /// The server's clock from its `Date` header minus this machine's, in seconds.
    #[serde(default)]
    pub clock_offset_s: Option<i64>,
}

/// What came of an ordinary request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ExchangeOutcome {
    /// A response.
    Answered {
        /// It.
        response: Box<Response>,
    },
    /// None.
    Failed(Failed),
}
