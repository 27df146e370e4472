//! Which web pages are meant.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// Which web pages are meant: `https://app.example.com`, `https://*.example.com`, with `:port` where it is not the scheme's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    scheme: Box<str>,
    host: Box<str>,
    port: u16,
    subdomains: bool,
}

impl OriginPattern {
    /// Whether a page of this origin is meant. `*.` stands for one or more labels, never for none.
    pub fn matches(&self, scheme: &str, host: &str, port: u16) -> bool {
        if *self.scheme != *scheme || self.port != port {
            return false;
        }
        if !self.subdomains {
            return *self.host == *host;
        }
        host.strip_suffix(&*self.host)
            .is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
    }
}

impl FromStr for OriginPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!(
                "\"{text}\" is no origin: {why}; write for example https://app.example.com or https://*.example.com"
            )
        };
        if text == "*" {
            return Err(wrong("every page of the Web would be let in"));
        }
        let subdomains = text.contains("://*.");
        let url = Url::parse(&text.replacen("://*.", "://", 1))
            .map_err(|error| wrong(&error.to_string()))?;
        let host = url.host_str().ok_or_else(|| wrong("it names no host"))?;
        let port = url
            .port_or_known_default()
            .ok_or_else(|| wrong("it names no port"))?;
        if host.contains('*') {
            return Err(wrong("a star may only stand for whole labels in front"));
        }
        if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
            return Err(wrong("an origin ends behind host and port"));
        }
        Ok(Self {
            scheme: url.scheme().into(),
            host: host.into(),
            port,
            subdomains,
        })
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.subdomains { "*." } else { "" };
        write!(f, "{}://{star}{}:{}", self.scheme, self.host, self.port)
    }
}
