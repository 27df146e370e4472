//! What helps against each cause of the catalogue, as far as another way of reaching the server can help at all.
//!
//! A cause that is not listed is unknown to this table, and then what a browser was seen to get decides. It must never list a
//! decision about users, origins, tokens or addresses under the browser.

/// What helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// No way: somebody has to change something.
    Nothing,
    /// A gateway's session, which does not need the upgrade to pass.
    Gateway,
    /// A browser, since the server takes this program for what it is.
    Browser,
    /// What a browser gets would tell.
    Unknown,
}

/// What helps against a cause.
pub(super) fn means(cause: &str) -> Means {
    if BROWSER.contains(&cause) {
        Means::Browser
    } else if GATEWAY.contains(&cause) {
        Means::Gateway
    } else if UNKNOWN.contains(&cause) {
        Means::Unknown
    } else {
        Means::Nothing
    }
}

/// The server refuses programs, or wants what only its page's script knows.
pub(super) const BROWSER: [&str; 5] = [
    "http-403-cdn-challenge",
    "http-403-ua",
    "http-403-waf-rule",
    "http-cookie-missing",
    "tls-fingerprint-filter",
];

/// The upgrade, or what follows it, does not pass.
pub(super) const GATEWAY: [&str; 19] = [
    "frame-binary-blocked",
    "frame-big-silent",
    "frame-deflate-path",
    "frame-server-first-lost",
    "http-10-hop",
    "http-cdn-cache-route",
    "http-cdn-ws-off",
    "http-conn-close",
    "http-middleware-200",
    "http-upgrade-empty",
    "http-upgrade-stripped",
    "http-waf-wrapper",
    "proxy-101-mute",
    "proxy-101-rst",
    "proxy-buffer",
    "proxy-hop-mangled",
    "proxy-inspect-strip",
    "proxy-plain-ws",
    "proxy-ws-policy",
];

/// Other programs may fare better, and the facts do not say it yet.
pub(super) const UNKNOWN: [&str; 12] = [
    "av-webshield",
    "endpoint-firewall",
    "http-200-app",
    "http-400-generic",
    "http-403-connect-refused",
    "http-405-501",
    "http-426",
    "proxy-not-used",
    "tcp-fake-accept",
    "tls-cipher-mismatch",
    "tls-pinned",
    "unknown-below-app",
];
