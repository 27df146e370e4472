//! What the user fixed before anything is dialled: addresses, trust, client certificate, limits.
//!
//! Everything that can be wrong in a setting is found here, before the network is touched.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use towpath_diagnosis::redact::Redactor;

use crate::limits::Limits;
use crate::tls::trust::Anchors;

/// A setting that cannot be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// `--resolve` in another form than `host:port:address[,address]`.
    #[error("`{0}` is not of the form host:port:address[,address]")]
    Override(String),
    /// The authorities given hold no certificate.
    #[error("no certificate found in the given authorities (PEM is expected)")]
    NoAuthority,
    /// An authority that is not a certificate.
    #[error("an authority given cannot be used: {0}")]
    Authority(String),
    /// The client certificate or key cannot be used.
    #[error("the client certificate cannot be used: {0}")]
    ClientCertificate(String),
    /// A proxy URL that cannot be used.
    #[error("`{shown}` is not a proxy URL: {problem}")]
    Proxy {
        /// The URL without credentials.
        shown: String,
        /// What is wrong.
        problem: String,
    },
}

/// A certificate and its key, to be shown to servers that ask.
#[derive(Clone)]
pub struct ClientCertificate {
    /// The chain, the client's own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The private key.
    pub key: Arc<PrivateKeyDer<'static>>,
}

impl ClientCertificate {
    /// Reads PEM text. Certificate and key may be one text; they must belong together.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, SettingsError> {
        let unusable = |problem: String| SettingsError::ClientCertificate(problem);
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| unusable(error.to_string()))?;
        if chain.is_empty() {
            return Err(unusable("it holds no certificate".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| unusable(format!("its key: {error}")))?;
        let provider = aws_lc_rs::default_provider();
        CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider)
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            chain,
            key: Arc::new(key),
        })
    }
}

impl std::fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClientCertificate({} in chain)", self.chain.len())
    }
}

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// Whether an address belongs to it.
    pub fn has(self, address: IpAddr) -> bool {
        address.is_ipv4() == (self == Self::Ipv4)
    }
}

/// What the user fixed for all dials of a run.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Waits and sizes.
    pub limits: Limits,
    /// Removes secrets from facts.
    pub redactor: Redactor,
    /// Whom to trust.
    pub anchors: Arc<Anchors>,
    /// What to show to servers that ask for a certificate.
    pub client_certificate: Option<ClientCertificate>,
    /// Names have addresses of this family only.
    pub family: Option<Family>,
    overrides: HashMap<(String, u16), Vec<IpAddr>>,
    authorities: Option<String>,
}

impl Settings {
    /// Fixes the addresses of a name, in curl's form `host:port:address[,address]`.
    pub fn add_override(&mut self, text: &str) -> Result<(), SettingsError> {
        let wrong = || SettingsError::Override(text.to_owned());
        let (host, rest) = text.split_once(':').ok_or_else(wrong)?;
        let (port, addresses) = rest.split_once(':').ok_or_else(wrong)?;
        let port: u16 = port.parse().map_err(|_| wrong())?;
        let addresses = addresses
            .split(',')
            .map(|address| {
                address
                    .trim()
                    .trim_start_matches('[')
                    .trim_end_matches(']')
                    .parse()
            })
            .collect::<Result<Vec<IpAddr>, _>>()
            .map_err(|_| wrong())?;
        if host.is_empty() {
            return Err(wrong());
        }
        self.overrides
            .insert((host.to_ascii_lowercase(), port), addresses);
        Ok(())
    }

    /// The addresses that the user fixed for a name.
    pub fn overridden(&self, host: &str, port: u16) -> Option<&[IpAddr]> {
        self.overrides
            .get(&(host.to_ascii_lowercase(), port))
            .map(Vec::as_slice)
    }

    /// All names whose addresses the user fixed, with port and addresses.
    pub fn overrides(&self) -> impl Iterator<Item = (&str, u16, &[IpAddr])> {
        self.overrides
            .iter()
            .map(|((host, port), addresses)| (host.as_str(), *port, addresses.as_slice()))
    }

    /// The authorities that the user gave, as PEM text.
    pub fn authorities(&self) -> Option<&str> {
        self.authorities.as_deref()
    }

    /// Trusts these authorities (PEM) and no others, as curl's `--cacert` does.
    pub fn trust_only(&mut self, pem: &[u8]) -> Result<(), SettingsError> {
        self.anchors = Arc::new(Anchors::with_given(pem)?);
        self.authorities = Some(String::from_utf8_lossy(pem).into_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_read_as_curl_writes_them() {
        let mut settings = Settings::default();
        settings
            .add_override("Example.test:443:127.0.0.1,[::1]")
            .unwrap();
        let expected: Vec<IpAddr> = vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
        assert_eq!(
            settings.overridden("example.TEST", 443),
            Some(expected.as_slice())
        );
        assert_eq!(settings.overridden("example.test", 80), None);
    }

    #[test]
    fn wrong_overrides_are_named() {
        let mut settings = Settings::default();
        for wrong in [
            "",
            "host",
            "host:443",
            "host:x:1.2.3.4",
            "host:443:here",
            ":1:1.1.1.1",
        ] {
            assert!(settings.add_override(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_client_certificate_needs_its_own_key() {
        let make = || rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
        let (one, two) = (make(), make());
        let read = |key: &rcgen::KeyPair| {
            ClientCertificate::from_pem(one.cert.pem().as_bytes(), key.serialize_pem().as_bytes())
        };
        assert!(read(&one.signing_key).is_ok());
        assert!(read(&two.signing_key).is_err());
    }

    #[test]
    fn a_client_certificate_without_a_certificate_is_refused() {
        assert!(ClientCertificate::from_pem(b"", b"").is_err());
    }
}
