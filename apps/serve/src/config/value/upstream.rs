//! The upstream's URL.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// The upstream's URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamUrl(Url);

impl UpstreamUrl {
    /// The URL, with a host and a scheme of WebSocket or HTTP.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl Default for UpstreamUrl {
    fn default() -> Self {
        Self(Url::parse("ws://127.0.0.1:9000").expect("a constant that is a URL"))
    }
}

impl FromStr for UpstreamUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("\"{text}\" is no upstream: {why}; write for example ws://127.0.0.1:4000")
        };
        let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "ws" | "wss" | "http" | "https") {
            return Err(wrong("the scheme must be ws, wss, http or https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must not hold a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it must not have a query or fragment"));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for UpstreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}
