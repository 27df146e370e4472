//! Who asks: the facts about a client after PROXY protocol and trusted hops are taken into account.
//!
//! It must never be made from headers of a hop that is not trusted.

use std::net::IpAddr;
use std::sync::Arc;

use towpath_diagnosis::observation::ClientHello;

/// The facts about one request's client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The client's address.
    pub(crate) address: IpAddr,
    /// Whether the client speaks TLS (to this gateway, or to the first trusted hop).
    pub(crate) secure: bool,
    /// The authority the client asked for, `host` or `host:port`; empty where it named none.
    pub(crate) host: Box<str>,
    /// What `X-Forwarded-For` says to the backend: the trusted part of what arrived, and the peer.
    pub(crate) forwarded_for: Box<str>,
    /// Proxies of the settings that the request came through.
    pub(crate) trusted_hops: u32,
    /// The TLS hello of its connection, where TLS ends here.
    pub(crate) hello: Option<Arc<ClientHello>>,
    /// The round trip of that TLS handshake, in microseconds.
    pub(crate) round_trip_us: Option<u32>,
}

impl Client {
    /// A client that is connected directly.
    pub(crate) fn direct(address: IpAddr, secure: bool, host: &str) -> Self {
        let address = address.to_canonical();
        Self {
            address,
            secure,
            host: host.into(),
            forwarded_for: address.to_string().into(),
            trusted_hops: 0,
            hello: None,
            round_trip_us: None,
        }
    }

    /// `https` or `http`.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// What limits per address count by: the address, or the /64 of an IPv6 address, since one
    /// household has all of it.
    pub(crate) fn counted_address(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let network = u128::from(address) & (u128::MAX << 64);
                IpAddr::V6(network.into())
            }
        }
    }

    /// The network whose cuts are learned together: /24 of IPv4, /48 of IPv6.
    pub(crate) fn network(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => IpAddr::V4((u32::from(address) & (u32::MAX << 8)).into()),
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) & (u128::MAX << 80)).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_address_and_an_office_one_network() {
        let client = |address: &str| Client::direct(address.parse().unwrap(), true, "h");
        let six = client("2001:db8:1:2:3:4:5:6");
        assert_eq!(six.counted_address().to_string(), "2001:db8:1:2::");
        assert_eq!(six.network().to_string(), "2001:db8:1::");
        let four = client("::ffff:192.0.2.7");
        assert_eq!(four.counted_address().to_string(), "192.0.2.7");
        assert_eq!(four.network().to_string(), "192.0.2.0");
    }
}
