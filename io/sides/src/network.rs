//! How a side reaches the network: whom it trusts and through which proxy. It must never hold anything of one protocol.

use std::fmt;

use towpath_probe::ProxyChoice;

/// Trust, fixed addresses, waits, and the proxy. Two are equal where a connection would go the same way.
#[derive(Clone, Default)]
pub struct Network {
    /// Trust, fixed addresses, waits.
    pub net: towpath_net::Settings,
    /// Through which proxy.
    pub proxy: ProxyChoice,
}

impl PartialEq for Network {
    fn eq(&self, other: &Self) -> bool {
        let same_proxy = match (&self.proxy, &other.proxy) {
            (ProxyChoice::Given(one), ProxyChoice::Given(two)) => one == two,
            (ProxyChoice::Environment, ProxyChoice::Environment) => true,
            (ProxyChoice::Never, ProxyChoice::Never) => true,
            _ => false,
        };
        same_proxy
            && self.net.authorities() == other.net.authorities()
            && self.net.family == other.net.family
            && certificate(&self.net) == certificate(&other.net)
            && addresses(&self.net) == addresses(&other.net)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

fn addresses(net: &towpath_net::Settings) -> Vec<(&str, u16, &[std::net::IpAddr])> {
    let mut fixed: Vec<_> = net.overrides().collect();
    fixed.sort_unstable();
    fixed
}

fn certificate(net: &towpath_net::Settings) -> Option<(Vec<&[u8]>, &[u8])> {
    let shown = net.client_certificate.as_ref()?;
    let chain = shown.chain.iter().map(AsRef::as_ref).collect();
    Some((chain, shown.key.secret_der()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_proxy_or_address_is_another_network() {
        let plain = Network::default();
        assert_eq!(plain, Network::default());
        let never = Network {
            proxy: ProxyChoice::Never,
            ..Network::default()
        };
        assert_ne!(plain, never);
        let mut fixed = Network::default();
        fixed.net.add_override("a.example:443:127.0.0.1").unwrap();
        assert_ne!(plain, fixed);
        assert_eq!(fixed, fixed.clone());
    }
}
