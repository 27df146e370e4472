//! What is wanted from a page, and what was found.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::record::BrowserIdentity;

/// A page and the one value that is wanted from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRequest {
    /// The page to visit, `http:` or `https:`.
    pub page: String,
    /// Where the value is.
    pub wanted: Wanted,
    /// Longest time from going to the page until the value is there.
    pub patience: Duration,
}

impl ReadRequest {
    /// Waits 20 seconds: enough for a page that opens its socket after 10.
    pub fn new(page: impl Into<String>, wanted: Wanted) -> Self {
        Self {
            page: page.into(),
            wanted,
            patience: PATIENCE,
        }
    }
}

/// Where a page keeps or shows a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// The value of this key in `localStorage`.
    LocalStorage(String),
    /// The value of this key in `sessionStorage`.
    SessionStorage(String),
    /// The value of the cookie with this name, also where scripts cannot see it.
    Cookie(String),
    /// A text in one of the first messages, as JSON, that the page or a worker of it sends on a WebSocket.
    FirstMessage {
        /// Where in the message (RFC 6901), [`DEFAULT_POINTER`] for GraphQL's `connection_init`.
        pointer: String,
    },
}

/// Where `connection_init` usually carries a token.
pub const DEFAULT_POINTER: &str = "/payload/token";

impl fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocalStorage(key) => write!(formatter, "key {key:?} in its localStorage"),
            Self::SessionStorage(key) => write!(formatter, "key {key:?} in its sessionStorage"),
            Self::Cookie(name) => write!(formatter, "cookie {name:?}"),
            Self::FirstMessage { pointer } => {
                write!(formatter, "first message on a WebSocket with {pointer}")
            }
        }
    }
}

/// A value that was found. Printing it for debugging shows everything but the value.
#[derive(Clone, PartialEq)]
pub struct Reading {
    pub(crate) value: String,
    /// The page that had it, without query: the one asked for, or where that led on the same origin.
    pub page: String,
    /// The cookie's own end, for a cookie that has one.
    pub expires: Option<SystemTime>,
    /// Which browser read it.
    pub browser: BrowserIdentity,
    /// HTTP requests that the visit cost.
    pub requests_made: u32,
}

impl Reading {
    /// The secret itself.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The secret itself, taken out.
    pub fn into_value(self) -> String {
        self.value
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reading")
            .field("value", &"***")
            .field("page", &self.page)
            .field("expires", &self.expires)
            .field("browser", &self.browser)
            .field("requests_made", &self.requests_made)
            .finish()
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
