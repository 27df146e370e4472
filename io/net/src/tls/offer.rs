//! What a TLS handshake offers, derived from the variation that is asked for.
//!
//! Each variation changes one thing against the ordinary offer; the table is [`Offer::of`].

use std::net::IpAddr;

use towpath_diagnosis::observation::{TlsLibrary, TlsVariation};

/// Protocol versions offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// TLS 1.2 and 1.3.
    Current,
    /// TLS 1.2.
    Only12,
    /// TLS 1.0 and 1.1.
    UpTo11,
}

/// One offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The variation it stands for.
    pub variation: TlsVariation,
    /// The library that makes it.
    pub library: TlsLibrary,
    /// The server name indication; none for an address literal (RFC 6066 section 3).
    pub server_name: Option<String>,
    /// Application protocols, in order.
    pub alpn: Vec<String>,
    /// Versions.
    pub versions: Versions,
    /// Whether a post-quantum key share is sent.
    pub post_quantum: bool,
    /// Whether cipher suites are offered that no current client offers.
    pub wide_ciphers: bool,
}

impl Offer {
    /// The offer of a variation for a host.
    pub fn of(variation: &TlsVariation, host: &str) -> Self {
        let mut offer = Self {
            variation: variation.clone(),
            library: TlsLibrary::Rustls,
            server_name: indicated(host),
            alpn: vec!["http/1.1".to_owned()],
            versions: Versions::Current,
            post_quantum: true,
            wide_ciphers: false,
        };
        match variation {
            TlsVariation::Ordinary | TlsVariation::Direct => {}
            TlsVariation::OpenSsl => offer.library = TlsLibrary::OpenSsl,
            TlsVariation::Only12 => offer.versions = Versions::Only12,
            TlsVariation::Only11 => {
                offer.library = TlsLibrary::OpenSsl;
                offer.versions = Versions::UpTo11;
            }
            TlsVariation::WithoutPostQuantum => offer.post_quantum = false,
            TlsVariation::ServerName { name } => offer.server_name = indicated(name),
            TlsVariation::NoServerName => offer.server_name = None,
            TlsVariation::Alpn { protocols } => offer.alpn.clone_from(protocols),
            TlsVariation::WideCiphers => {
                offer.library = TlsLibrary::OpenSsl;
                offer.wide_ciphers = true;
            }
        }
        offer
    }
}

fn indicated(host: &str) -> Option<String> {
    let name = host.trim_end_matches('.');
    (name.parse::<IpAddr>().is_err() && !name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_literals_are_not_indicated() {
        let name = |host| Offer::of(&TlsVariation::Ordinary, host).server_name;
        assert_eq!(name("a.example"), Some("a.example".to_owned()));
        assert_eq!(name("a.example."), Some("a.example".to_owned()));
        assert_eq!(name("192.0.2.1"), None);
        assert_eq!(name("2001:db8::1"), None);
    }

    #[test]
    fn a_variation_changes_only_what_it_names() {
        let ordinary = Offer::of(&TlsVariation::Ordinary, "a.example");
        let mut without = Offer::of(&TlsVariation::WithoutPostQuantum, "a.example");
        assert!(!without.post_quantum);
        without.post_quantum = true;
        without.variation = TlsVariation::Ordinary;
        assert_eq!(without, ordinary);
    }
}
