//! Forward proxies by the marks on the answers that they write or relay.

use crate::observation::Response;

/// A forward proxy that an answer names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// For the reader.
    pub product: &'static str,
    /// The mark as it stands in the answer.
    pub mark: String,
    /// Whether the proxy wrote the answer itself rather than relayed it.
    pub author: bool,
}

/// The forward proxy whose marks an answer bears.
///
/// Products that mostly stand in front of servers (nginx, Varnish, content networks) are not meant.
pub fn relay(response: &Response) -> Option<Relay> {
    if let Some(error) = response.header("x-squid-error") {
        return Some(wrote("Squid", format!("X-Squid-Error: {error}")));
    }
    for (name, product) in AUTHOR_HEADERS {
        if let Some(value) = response.header(name) {
            return Some(wrote(product, format!("{name}: {value}")));
        }
    }
    let server = response.header("server").unwrap_or_default();
    if let Some(product) = named(server, AUTHOR_SERVERS) {
        return Some(wrote(product, format!("Server: {server}")));
    }
    let via = response.header("via").unwrap_or_default();
    if let Some(product) = named(via, VIA_WORDS) {
        return Some(Relay {
            product,
            mark: format!("Via: {via}"),
            author: false,
        });
    }
    if let Some(value) = response.header("x-cache-lookup") {
        return Some(Relay {
            product: "Squid",
            mark: format!("X-Cache-Lookup: {value}"),
            author: false,
        });
    }
    RELAY_HEADERS.iter().find_map(|(name, product)| {
        response.header(name).map(|value| Relay {
            product,
            mark: format!("{name}: {value}"),
            author: false,
        })
    })
}

/// The port on which the Squid that relayed an answer listens, where it says so.
pub fn squid_port(response: &Response) -> Option<u16> {
    let (_, port) = response.header("x-cache-lookup")?.rsplit_once(':')?;
    port.trim().parse().ok()
}

/// The code of Squid's error page, for example `ERR_ACCESS_DENIED`.
pub fn squid_error(response: &Response) -> Option<&str> {
    response
        .header("x-squid-error")
        .and_then(|value| value.split_whitespace().next())
}

/// Whether every header name of an HTTP/1.1 answer is in lower case, which servers may do but most do not.
pub fn lowercase_names(response: &Response) -> bool {
    response.version == "HTTP/1.1"
        && response.headers.len() >= 3
        && response
            .headers
            .iter()
            .all(|header| !header.name.bytes().any(|byte| byte.is_ascii_uppercase()))
}

fn wrote(product: &'static str, mark: String) -> Relay {
    Relay {
        product,
        mark,
        author: true,
    }
}

fn named(value: &str, words: &[(&str, &'static str)]) -> Option<&'static str> {
    let lower = value.to_ascii_lowercase();
    words
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map(|(_, product)| *product)
}

/// Headers that only a product's own pages bear.
const AUTHOR_HEADERS: &[(&str, &str)] = &[
    ("x-zscaler-error", "Zscaler"),
    ("x-fortinet-block", "FortiGate"),
    ("x-umbrella-block", "Cisco Umbrella"),
    ("x-sophos-block", "Sophos"),
];

/// Programs that put their own name into `Server` only on pages of their own.
const AUTHOR_SERVERS: &[(&str, &str)] = &[
    ("mitmproxy", "mitmproxy"),
    ("squid/", "Squid"),
    ("tinyproxy", "Tinyproxy"),
    ("zscaler", "Zscaler"),
    ("bluecoat", "Blue Coat"),
    ("privoxy", "Privoxy"),
    ("mcafee web gateway", "McAfee Web Gateway"),
    ("skyhigh", "Skyhigh"),
];

const VIA_WORDS: &[(&str, &str)] = &[
    ("(squid", "Squid"),
    ("tinyproxy", "Tinyproxy"),
    ("zscaler", "Zscaler"),
    ("bluecoat", "Blue Coat"),
    ("proxysg", "Blue Coat"),
    ("mcafee web gateway", "McAfee Web Gateway"),
    ("mwg", "McAfee Web Gateway"),
    ("skyhigh", "Skyhigh"),
    ("websense", "Forcepoint"),
    ("forcepoint", "Forcepoint"),
    ("cisco-wsa", "Cisco Secure Web Appliance"),
    ("ironport", "Cisco Secure Web Appliance"),
    ("fortigate", "FortiGate"),
    ("fortiproxy", "FortiProxy"),
    ("sophos", "Sophos"),
    ("barracuda", "Barracuda"),
    ("smoothwall", "Smoothwall"),
    ("privoxy", "Privoxy"),
    ("e2guardian", "e2guardian"),
    ("untangle", "Untangle"),
    ("netskope", "Netskope"),
    ("iboss", "iboss"),
    ("mitmproxy", "mitmproxy"),
];

/// Headers that a forward proxy adds to what it relays.
const RELAY_HEADERS: &[(&str, &str)] = &[
    ("x-bluecoat-via", "Blue Coat"),
    ("x-bst-info", "Blue Coat"),
    ("x-mcproxyfilter", "McAfee"),
    ("x-netskope-proxy", "Netskope"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Header;

    fn bearing(headers: &[(&str, &str)]) -> Response {
        Response {
            status: 403,
            version: "HTTP/1.1".into(),
            headers: headers
                .iter()
                .map(|(name, value)| Header {
                    name: (*name).into(),
                    value: (*value).into(),
                })
                .collect(),
            ..Response::default()
        }
    }

    #[test]
    fn proxies_are_known_by_their_marks_and_servers_are_not() {
        let check = |headers: &[(&str, &str)], expected: Option<(&str, bool)>| {
            let found = relay(&bearing(headers));
            let found = found.as_ref().map(|relay| (relay.product, relay.author));
            assert_eq!(found, expected, "{headers:?}");
        };
        check(
            &[("X-Squid-Error", "ERR_ACCESS_DENIED 0")],
            Some(("Squid", true)),
        );
        check(&[("Via", "1.1 gate (squid/5.7)")], Some(("Squid", false)));
        check(
            &[("Via", "1.1 tinyproxy (tinyproxy/1.11.1)")],
            Some(("Tinyproxy", false)),
        );
        check(&[("Server", "mitmproxy 10.1.5")], Some(("mitmproxy", true)));
        check(&[("Via", "1.1 varnish"), ("Server", "nginx")], None);
        check(&[("Via", "1.1 Caddy")], None);
        check(&[("X-Cache", "MISS from gate")], None);
    }

    #[test]
    fn squid_tells_its_port() {
        let relayed = bearing(&[("X-Cache-Lookup", "MISS from gate:3128")]);
        assert_eq!(squid_port(&relayed), Some(3128));
        assert_eq!(squid_port(&bearing(&[])), None);
    }

    #[test]
    fn squid_errors_lose_their_number() {
        let denied = bearing(&[("X-Squid-Error", "ERR_ACCESS_DENIED 0")]);
        assert_eq!(squid_error(&denied), Some("ERR_ACCESS_DENIED"));
    }
}
