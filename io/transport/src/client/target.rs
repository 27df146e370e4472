//! Where a session goes: the application's URL, and the paths of the transports below it.
//!
//! It must never put anything secret into a path: proof travels in bodies only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use towpath_session::body::Credentials;
use url::Url;

use super::SettingsError;

/// A `ws://` or `wss://` URL taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The host without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
    /// What goes into `Host` and `:authority`.
    pub(crate) authority: String,
    /// The path without query.
    path: String,
    query: Option<String>,
    /// User and password of the URL, as a header has them.
    pub(crate) authorization: Option<Credentials>,
}

impl Target {
    /// Reads a URL as the WebSockets standard does: `http` and `https` stand for `ws` and `wss`, and a
    /// fragment is not allowed.
    pub(crate) fn parse(text: &str) -> Result<Self, SettingsError> {
        let wrong = |problem: &'static str| SettingsError::Url {
            url: text.to_owned(),
            problem,
        };
        let url = Url::parse(text).map_err(|_| wrong("it is no URL"))?;
        let tls = match url.scheme() {
            "ws" | "http" => false,
            "wss" | "https" => true,
            _ => return Err(wrong("its scheme is neither ws nor wss")),
        };
        if url.fragment().is_some() {
            return Err(wrong("it has a fragment"));
        }
        let host = url.host_str().ok_or_else(|| wrong("it has no host"))?;
        let ordinary = if tls { 443 } else { 80 };
        let port = url.port().unwrap_or(ordinary);
        let authority = if port == ordinary {
            host.to_owned()
        } else {
            format!("{host}:{port}")
        };
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            tls,
            authority,
            path: url.path().to_owned(),
            query: url.query().map(ToOwned::to_owned),
            authorization: authorization(&url),
        })
    }

    /// Path and query as the backend is to see them.
    pub(crate) fn path_and_query(&self) -> String {
        match &self.query {
            None => self.path.clone(),
            Some(query) => format!("{}?{query}", self.path),
        }
    }

    /// The path of one endpoint of the protocol.
    pub(crate) fn endpoint(&self, name: &str) -> String {
        format!("{}/.towpath/{name}", self.path.trim_end_matches('/'))
    }

    /// The scheme of the HTTP transports.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    /// The origin that a page of this server has.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme(), self.authority)
    }
}

/// What a browser makes of `user:password@` (RFC 7617).
fn authorization(url: &Url) -> Option<Credentials> {
    let password = url.password().unwrap_or_default();
    if url.username().is_empty() && password.is_empty() {
        return None;
    }
    let pair = [&decoded(url.username())[..], b":", &decoded(password)].concat();
    Some(Credentials(format!("Basic {}", STANDARD.encode(pair))))
}

/// Percent-encoded text as bytes; a sign without two digits stands for itself.
fn decoded(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| first == b'%');
        let digits = digits.and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = byte.map_or(behind, |_| &behind[2..]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_lie_below_the_application_s_path() {
        let at = |url: &str| Target::parse(url).unwrap().endpoint("poll");
        assert_eq!(at("ws://a.example/chat"), "/chat/.towpath/poll");
        assert_eq!(at("ws://a.example/chat/"), "/chat/.towpath/poll");
        assert_eq!(at("ws://a.example"), "/.towpath/poll");
        assert_eq!(at("ws://a.example/?token=1"), "/.towpath/poll");
    }

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::parse("wss://a.example/chat?room=1").unwrap();
        assert_eq!(target.path_and_query(), "/chat?room=1");
        assert_eq!((target.port, target.tls), (443, true));
        assert_eq!(target.authority, "a.example");
        let literal = Target::parse("ws://[::1]:8080/").unwrap();
        assert_eq!(literal.host, "::1");
        assert_eq!(literal.authority, "[::1]:8080");
    }

    #[test]
    fn user_and_password_become_a_header_s_value() {
        let of = |url: &str| Target::parse(url).unwrap().authorization;
        assert_eq!(of("ws://a.example/"), None);
        let expected = Credentials("Basic dTpwIHc=".to_owned());
        assert_eq!(of("ws://u:p%20w@a.example/"), Some(expected));
    }

    #[test]
    fn what_is_no_websocket_url_is_refused() {
        for wrong in ["", "chat", "ftp://a.example/", "ws://a.example/#top"] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }
}
