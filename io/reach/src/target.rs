//! Where to: a URL taken apart. It must never accept what is not a WebSocket's address.

use thiserror::Error;
use towpath_diagnosis::observation::Scheme;
use url::{Host, Url};

/// A URL that names no WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Another scheme than `ws` and `wss`.
    #[error("its scheme is neither ws nor wss")]
    Scheme,
    /// No host.
    #[error("it names no host")]
    Host,
    /// Port 0, or none known.
    #[error("it names no port that can be connected to")]
    Port,
}

/// A remote.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) scheme: Scheme,
    /// A name or a literal without brackets.
    pub(crate) host: String,
    pub(crate) host_is_address: bool,
    pub(crate) port: u16,
    /// Path and query; begins with `/`.
    pub(crate) path_and_query: String,
    /// The path alone.
    pub(crate) path: String,
    /// Host, and the port where it is not the scheme's own.
    pub(crate) authority: String,
    /// User and password, decoded, where the URL holds them.
    pub(crate) credentials: Option<String>,
}

impl Target {
    pub(crate) fn of(url: &Url) -> Result<Self, TargetError> {
        let (scheme, usual) = match url.scheme() {
            "ws" => (Scheme::Ws, 80),
            "wss" => (Scheme::Wss, 443),
            _ => return Err(TargetError::Scheme),
        };
        let host = url.host().ok_or(TargetError::Host)?;
        let shown = host.to_string();
        let (host, host_is_address) = match host {
            Host::Domain("") => return Err(TargetError::Host),
            Host::Domain(name) => (name.to_owned(), false),
            Host::Ipv4(address) => (address.to_string(), true),
            Host::Ipv6(address) => (address.to_string(), true),
        };
        let port = url.port().unwrap_or(usual);
        if port == 0 {
            return Err(TargetError::Port);
        }
        let authority = if port == usual {
            shown
        } else {
            format!("{shown}:{port}")
        };
        let path = url.path().to_owned();
        Ok(Self {
            scheme,
            host,
            host_is_address,
            port,
            path_and_query: match url.query() {
                Some(query) => format!("{path}?{query}"),
                None => path.clone(),
            },
            path,
            authority,
            credentials: credentials(url),
        })
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.scheme == Scheme::Wss
    }

    /// The origin of the remote's own site.
    pub(crate) fn site(&self) -> String {
        let scheme = if self.is_secure() { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// What the ways of this remote are remembered by: everything but the query, which may hold a secret.
    pub(crate) fn key(&self) -> String {
        format!("{}{}", self.server(), self.path)
    }

    /// The server alone, whatever the path.
    pub(crate) fn server(&self) -> String {
        let scheme = if self.is_secure() { "wss" } else { "ws" };
        format!("{scheme}://{}", self.authority)
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({})", self.key())
    }
}

/// `user:password` as RFC 7617 joins them.
fn credentials(url: &Url) -> Option<String> {
    let password = url.password().unwrap_or_default();
    if url.username().is_empty() && password.is_empty() {
        return None;
    }
    let decode = |text: &str| {
        // A form decoder would also take `+` for a blank.
        let kept = text.replace('+', "%2B");
        let pair = url::form_urlencoded::parse(kept.as_bytes()).next();
        pair.map(|(name, _)| name.into_owned()).unwrap_or_default()
    };
    Some(format!("{}:{}", decode(url.username()), decode(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Result<Target, TargetError> {
        Target::of(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_url_is_taken_apart() {
        let target = of("wss://a.example/chat?room=1").unwrap();
        assert_eq!((target.port, target.is_secure()), (443, true));
        assert_eq!(target.path_and_query, "/chat?room=1");
        assert_eq!(target.authority, "a.example");
        assert_eq!(target.site(), "https://a.example");
        let literal = of("ws://[::1]:8080").unwrap();
        assert_eq!(
            (literal.host.as_str(), literal.host_is_address),
            ("::1", true)
        );
        assert_eq!(literal.authority, "[::1]:8080");
        assert_eq!(literal.path_and_query, "/");
    }

    #[test]
    fn what_a_way_is_remembered_by_holds_no_query() {
        assert_eq!(
            of("ws://u:p@a.example/x?token=1").unwrap().key(),
            "ws://a.example/x"
        );
    }

    #[test]
    fn user_and_password_are_decoded() {
        let pair = |url: &str| of(url).unwrap().credentials;
        assert_eq!(
            pair("ws://u:p%20w+x@a.example/").as_deref(),
            Some("u:p w+x")
        );
        assert_eq!(pair("ws://u@a.example/").as_deref(), Some("u:"));
        assert_eq!(pair("ws://a.example/"), None);
    }

    #[test]
    fn other_addresses_are_refused() {
        assert_eq!(of("http://a.example/"), Err(TargetError::Scheme));
        assert_eq!(of("ws://a.example:0/"), Err(TargetError::Port));
    }
}
