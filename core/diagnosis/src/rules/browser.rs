//! Rules for what only a browser saw: its own error names a cause that no wire shows.
//!
//! A browser that merely fails as this program does adds nothing; these rules speak where the
//! browser's attempt is the only one (`--browser only`, a net-export), or where the browser names
//! something that stands in the browser itself.

use super::{Judgement, Rule, Support};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{BrowserCapture, BrowserOutcome};

macro_rules! browser_rule {
    ($name:ident, $cause:literal, $place:expr, $confidence:expr, $summary:literal, [$($error:literal),+ $(,)?]) => {
        const $name: Rule = Rule {
            cause: $cause,
            explains: &[],
            judge: |evidence| judge(evidence, $place, $confidence, $summary, &[$($error),+]),
        };
    };
}

/// Whether an error is the browser's own doing, or says what the network did.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Browser,
    Network,
}

use Confidence::{Certain, Likely};
use Place::{Browser, Network};

browser_rule!(
    EXTENSION,
    "page-extension",
    Browser,
    Certain,
    "An extension of the browser, such as an ad blocker, blocks the connection.",
    ["ERR_BLOCKED_BY_CLIENT"]
);
browser_rule!(
    ADMIN,
    "page-admin-policy",
    Browser,
    Certain,
    "A policy of the organisation blocks this address in the browser.",
    [
        "ERR_BLOCKED_BY_ADMINISTRATOR",
        "ERR_BLOCKED_ENROLLMENT_CHECK_PENDING"
    ]
);
browser_rule!(
    CSP,
    "page-csp",
    Browser,
    Certain,
    "The page's own Content-Security-Policy forbids the connection.",
    ["ERR_BLOCKED_BY_CSP"]
);
browser_rule!(
    PRIVATE,
    "page-lna",
    Browser,
    Likely,
    "The browser keeps a public page from an address of the local network.",
    [
        "ERR_BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS",
        "ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS"
    ]
);
browser_rule!(
    PORT,
    "page-bad-port",
    Browser,
    Certain,
    "Browsers refuse this port, whatever listens there.",
    ["ERR_UNSAFE_PORT"]
);
browser_rule!(
    SOCKETS,
    "page-socket-limit",
    Browser,
    Certain,
    "The browser has as many sockets open as it allows.",
    ["ERR_INSUFFICIENT_RESOURCES"]
);
browser_rule!(
    NAME,
    "dns-nxdomain",
    Network,
    Likely,
    "The browser finds no address for the name.",
    ["ERR_NAME_NOT_RESOLVED"]
);
browser_rule!(
    OFFLINE,
    "net-offline",
    Network,
    Likely,
    "The browser has no route to the address.",
    [
        "ERR_INTERNET_DISCONNECTED",
        "ERR_ADDRESS_UNREACHABLE",
        "ERR_NETWORK_ACCESS_DENIED"
    ]
);
browser_rule!(
    REFUSED,
    "tcp-refused",
    Network,
    Certain,
    "Nothing accepts connections at the address and port.",
    ["ERR_CONNECTION_REFUSED"]
);
browser_rule!(
    DROPPED,
    "tcp-drop",
    Network,
    Likely,
    "The browser's connection attempts get no answer at all.",
    ["ERR_CONNECTION_TIMED_OUT", "ERR_TIMED_OUT"]
);
browser_rule!(
    UNKNOWN_AUTHORITY,
    "tls-private-ca",
    Network,
    Likely,
    "The browser does not know who issued the certificate.",
    ["ERR_CERT_AUTHORITY_INVALID"]
);
browser_rule!(
    EXPIRED,
    "tls-expired",
    Network,
    Likely,
    "The certificate is not valid at this time.",
    ["ERR_CERT_DATE_INVALID"]
);
browser_rule!(
    WRONG_NAME,
    "tls-name-mismatch",
    Network,
    Certain,
    "The certificate does not cover the name.",
    ["ERR_CERT_COMMON_NAME_INVALID"]
);
browser_rule!(
    REVOKED,
    "tls-revoked",
    Network,
    Certain,
    "The certificate was revoked.",
    ["ERR_CERT_REVOKED"]
);
browser_rule!(
    CLIENT_CERTIFICATE,
    "tls-mtls",
    Network,
    Certain,
    "The server wants a client certificate.",
    [
        "ERR_SSL_CLIENT_AUTH_CERT_NEEDED",
        "ERR_BAD_SSL_CLIENT_AUTH_CERT"
    ]
);
browser_rule!(
    VERSION,
    "tls-version-old",
    Network,
    Likely,
    "Browser and server have no TLS version or cipher in common.",
    ["ERR_SSL_VERSION_OR_CIPHER_MISMATCH"]
);
browser_rule!(
    WRONG_PORT,
    "tls-wrong-port",
    Network,
    Likely,
    "What answers at this port does not speak TLS.",
    ["ERR_SSL_PROTOCOL_ERROR"]
);
browser_rule!(
    PROXY_DOWN,
    "endpoint-devproxy",
    Network,
    Likely,
    "The proxy that the browser is set to does not answer.",
    ["ERR_PROXY_CONNECTION_FAILED"]
);
browser_rule!(
    TUNNEL,
    "proxy-connect-denied",
    Network,
    Likely,
    "The browser's proxy does not open a tunnel to the server.",
    ["ERR_TUNNEL_CONNECTION_FAILED"]
);
browser_rule!(
    PROXY_LOGIN,
    "proxy-auth",
    Network,
    Certain,
    "The proxy wants a log-in that the browser does not give.",
    [
        "ERR_PROXY_AUTH_REQUESTED",
        "ERR_PROXY_AUTH_UNSUPPORTED",
        "ERR_UNEXPECTED_PROXY_AUTH"
    ]
);
browser_rule!(
    SOCKS,
    "socks-fail",
    Network,
    Certain,
    "The SOCKS proxy refuses the connection.",
    [
        "ERR_SOCKS_CONNECTION_FAILED",
        "ERR_SOCKS_CONNECTION_HOST_UNREACHABLE"
    ]
);

/// The rules on browsers' own words.
pub const RULES: &[Rule] = &[
    EXTENSION,
    ADMIN,
    CSP,
    PRIVATE,
    PORT,
    SOCKETS,
    NAME,
    OFFLINE,
    REFUSED,
    DROPPED,
    UNKNOWN_AUTHORITY,
    EXPIRED,
    WRONG_NAME,
    REVOKED,
    CLIENT_CERTIFICATE,
    VERSION,
    WRONG_PORT,
    PROXY_DOWN,
    TUNNEL,
    PROXY_LOGIN,
    SOCKS,
];

fn judge(
    evidence: &Evidence<'_>,
    place: Place,
    confidence: Confidence,
    summary: &str,
    errors: &[&str],
) -> Judgement {
    // What the network did is told better by this program's own steps, where it took them.
    if place == Network && evidence.connections().next().is_some() {
        return Judgement::nothing();
    }
    let found = evidence.browsers().find_map(|seen| {
        error(&seen)
            .filter(|error| errors.iter().any(|name| names(error, name)))
            .map(|error| (seen, error))
    });
    match found {
        Some((seen, error)) => Support::new(
            confidence,
            summary,
            seen.shows(format!("{} says {error}.", seen.fact.browser)),
        )
        .into(),
        None => Judgement::nothing(),
    }
}

fn error<'a>(seen: &Seen<'a, BrowserCapture>) -> Option<&'a str> {
    match &seen.fact.outcome {
        BrowserOutcome::Failed { error } => Some(error),
        _ => None,
    }
}

/// Whether the text holds the error as a whole word.
fn names(text: &str, error: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .any(|word| word == error)
}

#[cfg(test)]
mod tests {
    use super::names;
    use crate::finding::Verdict;
    use crate::observation::BrowserUse;
    use crate::testing::{Browser, World, switch};

    fn only(browser: Browser) -> World {
        let mut world = World::new(|_, _| switch(None));
        world.browser = browser;
        world.target.browser = BrowserUse::Only;
        world
    }

    #[test]
    fn the_browsers_own_error_is_named() {
        let diagnosis = only(Browser::Fails("net::ERR_BLOCKED_BY_CLIENT")).check();
        assert_eq!(diagnosis.findings[0].cause, "page-extension");
    }

    #[test]
    fn a_browser_that_gets_in_is_healthy_and_none_at_all_tells_nothing() {
        assert_eq!(only(Browser::GetsIn).check().verdict, Verdict::Healthy);
        assert_eq!(only(Browser::Missing).check().verdict, Verdict::CannotTell);
    }

    #[test]
    fn an_unknown_error_is_not_guessed_at() {
        let diagnosis = only(Browser::Fails("net::ERR_FAILED")).check();
        assert_eq!(diagnosis.verdict, Verdict::CannotTell);
        assert!(diagnosis.findings.is_empty());
    }

    #[test]
    fn errors_are_whole_words() {
        assert!(names("net::ERR_TIMED_OUT at 3 s", "ERR_TIMED_OUT"));
        assert!(!names("net::ERR_CONNECTION_TIMED_OUT", "ERR_TIMED_OUT"));
    }
}
