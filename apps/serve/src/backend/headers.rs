//! Which of a client's headers the backend sees, and what is added to them.
//!
//! It must never hand on a forwarding header of a hop that is not trusted: those are written anew
//! from the facts in [`Client`].

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::client::Client;

/// Choice of the headers that are handed on.
#[derive(Clone, Debug, Default)]
pub(crate) struct ForwardPolicy {
    only: Vec<HeaderName>,
    drop: Vec<HeaderName>,
}

impl ForwardPolicy {
    /// Only the named headers where `only` names some, and never those in `drop`.
    pub(crate) fn new(only: &[HeaderName], drop: &[HeaderName]) -> Self {
        Self {
            only: only.to_vec(),
            drop: drop.to_vec(),
        }
    }

    fn passes(&self, name: &HeaderName) -> bool {
        let chosen = self.only.is_empty() || self.only.contains(name) || ALWAYS.contains(name);
        chosen && !self.drop.contains(name)
    }

    /// The client's headers for the backend, without those of the connection and without `Host`.
    pub(crate) fn forwarded(&self, headers: &HeaderMap, client: &Client) -> HeaderMap {
        let named = named_by_connection(headers);
        let mut kept = HeaderMap::with_capacity(headers.len() + 4);
        for (name, value) in headers {
            let of_connection = of_connection(name) || named.iter().any(|other| other == name);
            if !of_connection && !FORWARDING.contains(&name.as_str()) && self.passes(name) {
                kept.append(name.clone(), value.clone());
            }
        }
        add_forwarding(&mut kept, client);
        kept
    }
}

/// Removes what concerns only one connection (RFC 9110 section 7.6.1).
pub(crate) fn strip_connection(headers: &mut HeaderMap) {
    for name in named_by_connection(headers) {
        headers.remove(name);
    }
    for name in OF_CONNECTION {
        headers.remove(name);
    }
}

fn of_connection(name: &HeaderName) -> bool {
    *name == header::HOST || OF_CONNECTION.contains(name)
}

fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect()
}

fn add_forwarding(headers: &mut HeaderMap, client: &Client) {
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put("x-forwarded-for", &client.forwarded_for);
    put("x-forwarded-proto", client.scheme());
    if !client.host.is_empty() {
        put("x-forwarded-host", &client.host);
    }
    put("forwarded", &forwarded(client));
}

/// One element about the client (RFC 7239 section 4).
fn forwarded(client: &Client) -> String {
    let address = if client.address.is_ipv6() {
        format!("\"[{}]\"", client.address)
    } else {
        client.address.to_string()
    };
    let scheme = client.scheme();
    if client.host.is_empty() || client.host.contains(['"', '\\']) {
        return format!("for={address};proto={scheme}");
    }
    format!("for={address};host=\"{}\";proto={scheme}", client.host)
}

/// Headers of one connection only.
const OF_CONNECTION: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// What backends and proxies believe about a client, so that no client may say it.
const FORWARDING: [&str; 8] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-forwarded-ssl",
    "x-real-ip",
];

/// Handed on even where only chosen headers are: without them a backend cannot know its user.
const ALWAYS: [HeaderName; 3] = [header::COOKIE, header::ORIGIN, header::AUTHORIZATION];

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_client_cannot_forge_what_a_proxy_says_nor_smuggle_connection_headers() {
        let arrived = headers(&[
            ("x-forwarded-for", "127.0.0.1"),
            ("x-real-ip", "127.0.0.1"),
            ("forwarded", "for=127.0.0.1"),
            ("connection", "keep-alive, X-Secret"),
            ("x-secret", "1"),
            ("cookie", "a=b"),
            ("x-app", "1"),
        ]);
        let client = Client::direct("2001:db8::1".parse().unwrap(), true, "example.com");
        let kept = ForwardPolicy::default().forwarded(&arrived, &client);
        let expected = headers(&[
            ("cookie", "a=b"),
            ("x-app", "1"),
            ("x-forwarded-for", "2001:db8::1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "example.com"),
            (
                "forwarded",
                "for=\"[2001:db8::1]\";host=\"example.com\";proto=https",
            ),
        ]);
        assert_eq!(kept, expected);
    }

    #[test]
    fn chosen_headers_only_and_never_the_dropped() {
        let arrived = headers(&[("cookie", "a=b"), ("x-app", "1"), ("x-other", "2")]);
        let client = Client::direct("192.0.2.1".parse().unwrap(), false, "");
        let names = |policy: ForwardPolicy| -> Vec<String> {
            let kept = policy.forwarded(&arrived, &client);
            kept.keys()
                .map(ToString::to_string)
                .filter(|name| !name.contains("forwarded"))
                .collect()
        };
        let app = HeaderName::from_static("x-app");
        assert_eq!(
            names(ForwardPolicy::new(std::slice::from_ref(&app), &[])),
            ["cookie", "x-app"]
        );
        assert_eq!(
            names(ForwardPolicy::new(&[], &[app])),
            ["cookie", "x-other"]
        );
    }
}
