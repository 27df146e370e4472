//! Whether an origin's server is on this machine or in the local network.
//!
//! Asks for the name's addresses at most, and never connects.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;
use url::{Host, Url};

/// Whether all addresses of the host are local ones; a name without an address has none.
pub(crate) async fn is_local(address: &Url) -> bool {
    let port = address.port_or_known_default().unwrap_or_default();
    match address.host() {
        Some(Host::Ipv4(literal)) => is_local_address(literal.into()),
        Some(Host::Ipv6(literal)) => is_local_address(literal.into()),
        Some(Host::Domain(name)) => match timeout(LOOKUP_MAX, lookup_host((name, port))).await {
            Ok(Ok(found)) => {
                let mut found = found.map(|address| address.ip()).peekable();
                found.peek().is_some() && found.all(is_local_address)
            }
            _ => false,
        },
        None => false,
    }
}

/// Loopback, private (RFC 1918, RFC 4193) or link-local.
fn is_local_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || mapped(address)
        }
    }
}

fn mapped(address: Ipv6Addr) -> bool {
    let mapped = address.to_ipv4_mapped();
    mapped.is_some_and(|address| is_local_address(address.into()))
}

/// A name server that is silent must not hold up the opening of a page.
const LOOKUP_MAX: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_tell_who_is_local() {
        let local = [
            "http://127.0.0.1:81/",
            "https://192.168.1.2/",
            "https://10.1.2.3/",
            "http://[::1]/",
            "http://[fd00::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://localhost/",
        ];
        for address in local {
            assert!(is_local(&address.parse().expect("URL")).await, "{address}");
        }
        for address in ["https://192.0.2.1/", "https://[2001:db8::1]/", "data:,x"] {
            assert!(!is_local(&address.parse().expect("URL")).await, "{address}");
        }
    }
}
