//! The address of the WebSocket: read as browsers read it, refused with the fix where it is none.

use towpath_diagnosis::observation::Scheme;
use url::{Host, Url};

use crate::usage::UsageError;

/// A valid address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) scheme: Scheme,
    /// A name in its ASCII form or a literal without brackets.
    pub(crate) host: String,
    pub(crate) is_literal: bool,
    pub(crate) port: u16,
    /// Path and query; begins with `/`.
    pub(crate) path: String,
    /// The whole address in its normal form.
    pub(crate) url: String,
}

/// Reads an address.
pub(crate) fn read(given: &str) -> Result<Address, UsageError> {
    let shown = || without_credentials(given);
    if given.len() > ADDRESS_BYTES_MAX {
        return Err(UsageError::Address {
            given: format!("{}…", given.chars().take(60).collect::<String>()),
            problem: format!("it is longer than {ADDRESS_BYTES_MAX} bytes"),
        });
    }
    let Some((scheme, _)) = given.split_once("://") else {
        return Err(no_scheme(given));
    };
    match scheme.to_ascii_lowercase().as_str() {
        "ws" | "wss" => {}
        web @ ("http" | "https") => {
            return Err(UsageError::WebScheme {
                given: shown(),
                suggestion: format!("{}{}", web.replace("http", "ws"), &shown()[scheme.len()..]),
            });
        }
        _ => {
            return Err(UsageError::OtherScheme {
                scheme: scheme.to_owned(),
            });
        }
    }
    let wrong = |problem: String| UsageError::Address {
        given: shown(),
        problem,
    };
    if given.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(wrong("it holds a blank or control character".to_owned()));
    }
    let mut url = Url::parse(given).map_err(|error| wrong(error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UsageError::Credentials {
            suggestion: shown(),
        });
    }
    if let Some(fragment) = url.fragment().map(str::to_owned) {
        url.set_fragment(None);
        return Err(UsageError::Fragment {
            fragment,
            suggestion: url.into(),
        });
    }
    let (host, is_literal) = match url.host() {
        Some(Host::Domain(name)) => (name.to_owned(), false),
        Some(Host::Ipv4(address)) => (address.to_string(), true),
        Some(Host::Ipv6(address)) => (address.to_string(), true),
        None => return Err(wrong("it names no host".to_owned())),
    };
    let port = match url.port_or_known_default() {
        Some(0) | None => return Err(wrong("port 0 cannot be connected to".to_owned())),
        Some(port) => port,
    };
    Ok(Address {
        scheme: if url.scheme() == "wss" {
            Scheme::Wss
        } else {
            Scheme::Ws
        },
        host,
        is_literal,
        port,
        path: match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        url: url.into(),
    })
}

/// `localhost` is seldom served over TLS; everything else is.
fn no_scheme(given: &str) -> UsageError {
    if let Some((scheme, _)) = given.split_once(":/") {
        return UsageError::Address {
            given: without_credentials(given),
            problem: format!("`{scheme}:` is followed by one slash instead of two"),
        };
    }
    let shown = without_credentials(given.trim_start_matches('/'));
    let local = ["localhost", "127.", "[::1]"]
        .iter()
        .any(|start| shown.starts_with(start))
        || shown.contains(":80/")
        || shown.ends_with(":80");
    let scheme = if local { "ws" } else { "wss" };
    if shown.is_empty() {
        return UsageError::Address {
            given: given.to_owned(),
            problem: "it is empty".to_owned(),
        };
    }
    UsageError::NoScheme {
        suggestion: format!("{scheme}://{shown}"),
        given: shown,
    }
}

/// The text without what stands between `//` and `@` before the path.
fn without_credentials(given: &str) -> String {
    let start = given.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = given.split_at(start);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}{}", &rest[at + 1..]),
        None => given.to_owned(),
    }
}

/// Longest address that is read. Servers seldom take more than half of it.
const ADDRESS_BYTES_MAX: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        let check = |given: &str, host: &str, port: u16, path: &str| {
            let address = read(given).unwrap_or_else(|error| panic!("{given}: {error}"));
            assert_eq!(
                (address.host.as_str(), address.port),
                (host, port),
                "{given}"
            );
            assert_eq!(address.path, path, "{given}");
        };
        check("wss://host.example", "host.example", 443, "/");
        check(
            "WS://HOST.example:8080/a?b=c",
            "host.example",
            8080,
            "/a?b=c",
        );
        check(
            "wss://bücher.example/ä",
            "xn--bcher-kva.example",
            443,
            "/%C3%A4",
        );
        check("ws://[::1]:9/x", "::1", 9, "/x");
        check("ws://127.0.0.1?q", "127.0.0.1", 80, "/?q");
    }

    #[test]
    fn wrong_addresses_come_back_with_the_fix() {
        let check = |given: &str, fix: &str| {
            let message = read(given).expect_err(given).to_string();
            assert!(message.contains(fix), "{given}: {message}");
        };
        check("host.example/socket", "wss://host.example/socket");
        check("localhost:3000", "ws://localhost:3000");
        check("//host.example/x", "wss://host.example/x");
        check("https://host.example/x", "Try: wss://host.example/x");
        check("http://host.example/x", "Try: ws://host.example/x");
        check("ftp://host.example", "ws:// or wss://");
        check("wss://host.example/x#part", "Try: wss://host.example/x\n");
        check("wss:/host.example", "one slash");
        check("wss://", "not a valid address");
        check("wss://host.example:0/", "port 0");
        check("wss://host.example:99999/", "port");
        check("wss://host example/", "blank");
        check("", "empty");
    }

    #[test]
    fn credentials_are_refused_and_not_repeated() {
        for given in [
            "wss://mary:secret@host.example/x",
            "https://mary:secret@host.example/x",
            "mary:secret@host.example/x",
            "wss://mary:secret@host.example:99999",
        ] {
            let message = read(given).expect_err(given).to_string();
            assert!(!message.contains("secret"), "{message}");
            assert!(message.contains("host.example"), "{message}");
        }
    }
}
