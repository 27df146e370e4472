//! What an opening gives: the way taken, the remote's answer, and what carries the messages.
//!
//! It must never parse what a native way carries for a local client.

use std::fmt;

use towpath_net::Stream;
use towpath_websocket::DeflateParameters;

use crate::channel::{self, Channel};

/// By which way a WebSocket was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From this machine to the remote.
    Direct,
    /// Through a proxy.
    Proxy,
    /// As a session of a Towpath gateway.
    Gateway,
    /// By a socket inside a page of a real browser.
    Browser,
}

impl Way {
    /// The name, as `--via` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Proxy => "proxy",
            Self::Gateway => "gateway",
            Self::Browser => "browser",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The head of the remote's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status, 101.
    pub status: u16,
    /// The header lines in order, as far as the way shows them.
    pub headers: Vec<(String, String)>,
}

impl ResponseHead {
    /// The first value of a header, found by name without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let same = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        let found = self.headers.iter().find(same);
        found.map(|(_, value)| value.as_str())
    }
}

/// An open WebSocket.
#[derive(Debug)]
pub struct Opened {
    /// The way taken.
    pub way: Way,
    /// Which way and why, in one line without a secret.
    pub why: String,
    /// What the remote answered. On a native way it answers the local client's key.
    pub response: ResponseHead,
    /// What carries the messages.
    pub carried: Carried,
}

/// What carries the messages.
#[derive(Debug)]
pub enum Carried {
    /// The bytes behind the 101, to be copied both ways as they are.
    Stream(Native),
    /// Whole messages.
    Channel(Channel),
}

/// The stream of a native way, standing behind the 101.
#[derive(Debug)]
pub struct Native {
    /// The stream. What the remote sent together with its answer is read first.
    pub stream: Stream,
    /// The compression that local client and remote agreed on.
    pub deflate: Option<DeflateParameters>,
    /// Largest message that is put together where this crate reads the frames, in bytes.
    pub message_bytes_max: usize,
}

impl Carried {
    /// Whole messages, whatever the way. It must be called within a tokio runtime.
    pub fn into_channel(self) -> Channel {
        match self {
            Self::Stream(native) => channel::native(native),
            Self::Channel(channel) => channel,
        }
    }
}
