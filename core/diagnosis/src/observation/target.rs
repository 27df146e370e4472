//! What the user asked to be checked.

use serde::{Deserialize, Serialize};

use super::handshake::TokenPlacement;

/// `ws` or `wss` (RFC 6455 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// Plain TCP.
    Ws,
    /// TLS.
    Wss,
}

/// The target and the options that shape how it is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The URL as given, secrets removed.
    pub url: String,
    /// Its scheme.
    pub scheme: Scheme,
    /// Its host: a name or an address literal without brackets.
    pub host: String,
    /// Its port, the scheme's default filled in.
    pub port: u16,
    /// Path and query, secrets removed; never empty.
    pub path: String,
    /// Whether the host is an address literal.
    pub host_is_address: bool,
    /// Subprotocols offered, in order.
    #[serde(default)]
    pub subprotocols: Vec<String>,
    /// The Origin sent, where one was given.
    #[serde(default)]
    pub origin: Option<String>,
    /// Names of the further headers that the user gave.
    #[serde(default)]
    pub header_names: Vec<String>,
    /// What is known of the token given, never the token.
    #[serde(default)]
    pub token: Option<TokenFacts>,
    /// The proxy used, as `scheme://host:port` without credentials.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Whether credentials for the proxy were given.
    #[serde(default)]
    pub proxy_credentials: bool,
    /// Whether a client certificate was given.
    #[serde(default)]
    pub client_certificate: bool,
    /// Whether the user gave certificate authorities to trust.
    #[serde(default)]
    pub given_authorities: bool,
    /// Whether the user fixed the name's addresses (`--resolve`).
    #[serde(default)]
    pub fixed_addresses: bool,
    /// Whether the target may be sent anything because it echoes (`--echo`).
    #[serde(default)]
    pub echo: bool,
    /// Whether a message to send was given (`--send`).
    #[serde(default)]
    pub send: bool,
    /// The text that an answer must hold (`--expect`).
    #[serde(default)]
    pub expect: Option<String>,
    /// Whether a page to visit first was given (`--page`).
    #[serde(default)]
    pub page: bool,
    /// How long the time ladder may run, in milliseconds; absent without `--idle`.
    #[serde(default)]
    pub idle_ms: Option<u64>,
    /// Whether a browser may be used, must be used, or must not.
    #[serde(default)]
    pub browser: BrowserUse,
    /// Whether a working request to compare with was given (`--like`).
    #[serde(default)]
    pub like: bool,
    /// How many requests to the target are allowed in all.
    pub budget: u32,
    /// When the run began, in seconds since 1970-01-01 UTC by this machine's clock.
    pub started_unix_s: u64,
}

impl Target {
    /// A target that was watched and not asked: by a gateway, or by the page itself. `path` has no query.
    pub fn watched(scheme: Scheme, host: &str, port: u16, path: &str) -> Self {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let word = match scheme {
            Scheme::Ws => "ws",
            Scheme::Wss => "wss",
        };
        let usual = matches!((scheme, port), (Scheme::Ws, 80) | (Scheme::Wss, 443));
        let colon = bare.contains(':');
        let shown = if colon {
            format!("[{bare}]")
        } else {
            bare.to_owned()
        };
        let authority = if usual {
            shown
        } else {
            format!("{shown}:{port}")
        };
        Self {
            url: format!("{word}://{authority}{path}"),
            scheme,
            host: bare.to_owned(),
            port,
            path: path.to_owned(),
            host_is_address: bare.parse::<core::net::IpAddr>().is_ok(),
            subprotocols: Vec::new(),
            origin: None,
            header_names: Vec::new(),
            token: None,
            proxy: None,
            proxy_credentials: false,
            client_certificate: false,
            given_authorities: false,
            fixed_addresses: false,
            echo: false,
            send: false,
            expect: None,
            page: false,
            idle_ms: None,
            browser: BrowserUse::Never,
            like: false,
            budget: 0,
            started_unix_s: 0,
        }
    }
}

/// Whether the check uses a real browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrowserUse {
    /// Where it would tell more.
    #[default]
    Auto,
    /// Never.
    Never,
    /// The browser's own attempt is the only one.
    Only,
}

/// What may be said of a token without revealing it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenFacts {
    /// Where the token is sent.
    pub placement: TokenPlacement,
    /// Its length in characters.
    pub characters: usize,
    /// Whether it has the shape of a JSON Web Token (RFC 7519).
    pub jwt: bool,
    /// The `exp` claim, seconds since 1970-01-01 UTC.
    #[serde(default)]
    pub expires_unix_s: Option<i64>,
    /// The `nbf` claim, seconds since 1970-01-01 UTC.
    #[serde(default)]
    pub not_before_unix_s: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watched_target_is_spelled_as_a_url() {
        let url = |scheme, host, port| Target::watched(scheme, host, port, "/chat").url;
        assert_eq!(
            url(Scheme::Wss, "example.com", 443),
            "wss://example.com/chat"
        );
        assert_eq!(url(Scheme::Ws, "[::1]", 8080), "ws://[::1]:8080/chat");
        let address = Target::watched(Scheme::Ws, "[::1]", 80, "/");
        assert!(address.host_is_address && address.host == "::1");
    }
}
