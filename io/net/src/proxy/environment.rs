//! Which proxies the environment's variables name for a target.
//!
//! The rules are curl's: `https_proxy` or `HTTPS_PROXY` for `wss`, only the lower-case
//! `http_proxy` for `ws` (a CGI program's `HTTP_PROXY` comes from a request header), then
//! `all_proxy` or `ALL_PROXY`; `no_proxy` or `NO_PROXY` exempts. It reads variables and nothing else.

use std::net::IpAddr;

use towpath_diagnosis::observation::Scheme;

/// One proxy setting that applies to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The variable's name.
    pub variable: String,
    /// Its value, which may hold credentials.
    pub value: String,
    /// Whether `NO_PROXY` exempts the target.
    pub exempt: bool,
}

/// The settings for a target in the order in which they count; the first not exempt one is used.
pub fn find(
    scheme: Scheme,
    host: &str,
    port: u16,
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<Found> {
    let names: &[&str] = match scheme {
        Scheme::Wss => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        Scheme::Ws => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let exempt = set("no_proxy")
        .or_else(|| set("NO_PROXY"))
        .is_some_and(|list| exempts(&list, host, port));
    let mut found: Vec<Found> = Vec::new();
    for name in names {
        if let Some(value) = set(name) {
            let value = value.trim().to_owned();
            if !found.iter().any(|known| known.value == value) {
                found.push(Found {
                    variable: (*name).to_owned(),
                    value,
                    exempt,
                });
            }
        }
    }
    found
}

/// Whether a `NO_PROXY` list names a host: `*`, names with all below them, addresses, CIDR blocks,
/// each with an optional port.
pub fn exempts(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    list.split([',', ' '])
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .any(|entry| entry == "*" || entry_names(entry, &host, port))
}

fn entry_names(entry: &str, host: &str, port: u16) -> bool {
    let (pattern, wanted) = split_port(entry);
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return match pattern.split_once('/') {
            Some((network, bits)) => within(address, network, bits),
            None => pattern.parse::<IpAddr>() == Ok(address),
        };
    }
    let pattern = pattern
        .trim_start_matches('*')
        .trim_start_matches('.')
        .trim_end_matches('.')
        .to_ascii_lowercase();
    !pattern.is_empty()
        && (host == pattern
            || host
                .strip_suffix(&pattern)
                .is_some_and(|rest| rest.ends_with('.')))
}

fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some(rest) = entry.strip_prefix('[') {
        let (literal, tail) = rest.split_once(']').unwrap_or((rest, ""));
        return (literal, tail.trim_start_matches(':').parse().ok());
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn within(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        let pairs: Vec<(String, String)> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        move |name| {
            pairs
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        }
    }

    #[test]
    fn each_scheme_has_its_variables() {
        let variables = [
            ("http_proxy", "http://a:1"),
            ("HTTP_PROXY", "http://never:1"),
            ("HTTPS_PROXY", "http://b:2"),
            ("ALL_PROXY", "socks5h://c:3"),
        ];
        let names = |scheme| {
            find(scheme, "h.example", 443, environment(&variables))
                .into_iter()
                .map(|found| found.variable)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Scheme::Wss), ["HTTPS_PROXY", "ALL_PROXY"]);
        assert_eq!(names(Scheme::Ws), ["http_proxy", "ALL_PROXY"]);
    }

    #[test]
    fn exemptions_follow_curl() {
        let check = |list: &str, host: &str, port: u16, expected: bool| {
            assert_eq!(exempts(list, host, port), expected, "{list} {host}:{port}");
        };
        check("*", "any.example", 1, true);
        check("a.example, b.example", "b.example", 443, true);
        check(".example", "deep.b.example", 443, true);
        check("*.example", "b.example", 443, true);
        check("ample", "example", 443, false);
        check("a.example:8443", "a.example", 443, false);
        check("a.example:8443", "a.example", 8443, true);
        check("10.0.0.0/8", "10.1.2.3", 80, true);
        check("10.0.0.0/8", "11.1.2.3", 80, false);
        check("127.0.0.1", "127.0.0.1", 80, true);
        check("fd00::/8", "fd12::1", 80, true);
        check("[::1]:80", "::1", 80, true);
        check("[::1]:80", "::1", 81, false);
        check("0.0.0.0/0", "9.9.9.9", 1, true);
        check("10.0.0.0/8", "ten.example", 80, false);
    }
}
