//! What can read a token from its source. The real one starts a browser; tests count calls.

use std::fmt;
use std::future::Future;

use crate::error::ReadError;
use crate::source::Source;

/// Reads a token from its source.
pub trait Reader: Sync {
    /// Visits the page and takes what the place holds. An error's words hold no secret.
    fn read(&self, source: &Source) -> impl Future<Output = Result<Held, ReadError>> + Send;
}

/// What a page holds in the place.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    /// The text as it stands there.
    pub value: String,
    /// When the cookie that held it ends, in seconds since 1970.
    pub cookie_expires_unix_s: Option<i64>,
}

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Held")
            .field("value", &"***")
            .field("cookie_expires_unix_s", &self.cookie_expires_unix_s)
            .finish()
    }
}
