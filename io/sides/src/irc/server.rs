//! Where a server is: a host and a port, or a WebSocket's address. It must never guess whether a connection is to be encrypted.

use std::fmt;

use thiserror::Error;
use url::Url;

/// Ports that are usual: with TLS, and without.
const TLS_PORT: u16 = 6697;
const PLAIN_PORT: u16 = 6667;

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// Lines over TCP.
    Host {
        /// A name, or an address without brackets.
        host: String,
        /// The port.
        port: u16,
        /// Whether TLS is spoken from the first byte on.
        tls: bool,
    },
    /// Lines as messages of a WebSocket, `ws` or `wss`.
    Web(Url),
}

/// An address that is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ServerError {
    /// Not of any form that is known.
    #[error("`{0}` is neither host:port nor the ws or wss URL of a server")]
    Form(String),
    /// A port that is none.
    #[error("`{0}` is not a port")]
    Port(String),
}

impl Server {
    /// Reads `host`, `host:port`, `[address]:port`, or the URL of a WebSocket, for which `tls` says nothing.
    pub fn parse(text: &str, tls: bool) -> Result<Self, ServerError> {
        let form = || ServerError::Form(text.to_owned());
        if text.contains("://") {
            let url = Url::parse(text).map_err(|_| form())?;
            let is_web = matches!(url.scheme(), "ws" | "wss") && url.host().is_some();
            return if is_web {
                Ok(Self::Web(url))
            } else {
                Err(form())
            };
        }
        let (host, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
            Some(Some((host, port))) => (host, port),
            Some(None) => return Err(form()),
            None if text.matches(':').count() > 1 => (text, ""),
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let usual = if tls { TLS_PORT } else { PLAIN_PORT };
        let port = match port.strip_prefix(':') {
            Some(port) => port
                .parse()
                .ok()
                .filter(|&port| port > 0)
                .ok_or_else(|| ServerError::Port(port.to_owned()))?,
            None if port.is_empty() => usual,
            None => return Err(form()),
        };
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c == '/') {
            return Err(form());
        }
        Ok(Self::Host {
            host: host.to_owned(),
            port,
            tls,
        })
    }

    /// Whether what is said cannot be read on the way.
    pub fn is_encrypted(&self) -> bool {
        match self {
            Self::Host { tls, .. } => *tls,
            Self::Web(url) => url.scheme() == "wss",
        }
    }
}

impl fmt::Display for Server {
    /// The address without a query, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { host, port, .. } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Host { host, port, .. } => write!(f, "{host}:{port}"),
            Self::Web(url) => {
                let host = url.host_str().unwrap_or_default();
                write!(f, "{}://{host}", url.scheme())?;
                if let Some(port) = url.port() {
                    write!(f, ":{port}")?;
                }
                f.write_str(url.path())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, tls: bool) -> String {
        Server::parse(text, tls).map_or_else(|error| error.to_string(), |server| server.to_string())
    }

    #[test]
    fn addresses_are_read() {
        assert_eq!(shown("irc.libera.chat", true), "irc.libera.chat:6697");
        assert_eq!(shown("irc.libera.chat", false), "irc.libera.chat:6667");
        assert_eq!(shown("127.0.0.1:7000", false), "127.0.0.1:7000");
        assert_eq!(shown("[::1]:7000", true), "[::1]:7000");
        assert_eq!(shown("::1", true), "[::1]:6697");
        assert_eq!(
            shown("wss://irc.example/chat?key=secret", true),
            "wss://irc.example/chat"
        );
        assert!(
            Server::parse("wss://irc.example/", false)
                .unwrap()
                .is_encrypted()
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "irc.example:",
            "irc.example:0",
            "irc.example:99999",
            "https://irc.example",
            "[::1",
            "[::1]x",
            "a b",
            ":6667",
        ] {
            assert!(Server::parse(text, true).is_err(), "{text}");
        }
    }
}
