//! Certificates as facts.
//!
//! It reads hostile bytes and must never fail: what cannot be parsed is described as far as it can be.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use towpath_diagnosis::observation::Certificate;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};

/// Most names of one certificate that are kept.
const NAMES_MAX: usize = 64;

/// Describes one certificate.
pub fn describe(der: &[u8]) -> Certificate {
    let sha256 = hexadecimal(&Sha256::digest(der));
    let Ok((_, parsed)) = X509Certificate::from_der(der) else {
        return Certificate {
            subject: "(unreadable certificate)".to_owned(),
            issuer: "(unreadable certificate)".to_owned(),
            names: Vec::new(),
            not_before_unix_s: 0,
            not_after_unix_s: 0,
            sha256,
            spki_sha256: String::new(),
            self_issued: false,
            is_authority: false,
            has_scts: false,
            issuer_urls: Vec::new(),
        };
    };
    Certificate {
        subject: parsed.subject().to_string(),
        issuer: parsed.issuer().to_string(),
        names: names(&parsed),
        not_before_unix_s: parsed.validity().not_before.timestamp(),
        not_after_unix_s: parsed.validity().not_after.timestamp(),
        sha256,
        spki_sha256: hexadecimal(&Sha256::digest(parsed.public_key().raw)),
        self_issued: parsed.subject().as_raw() == parsed.issuer().as_raw(),
        is_authority: parsed.is_ca(),
        has_scts: parsed
            .extensions()
            .iter()
            .any(|extension| matches!(extension.parsed_extension(), ParsedExtension::SCT(_))),
        issuer_urls: issuer_urls(&parsed),
    }
}

/// The subject of a certificate, for lists of authorities.
pub fn subject(der: &[u8]) -> Option<String> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Some(parsed.subject().to_string())
}

/// The issuer of a certificate in PEM text.
pub fn issuer_of_pem(pem: &str) -> Option<String> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let (_, parsed) = X509Certificate::from_der(&der).ok()?;
    Some(parsed.issuer().to_string())
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternative)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let shown = alternative
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => address(bytes),
            _ => None,
        });
    shown.take(NAMES_MAX).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).to_string());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(Ipv6Addr::from(sixteen).to_string())
}

fn issuer_urls(certificate: &X509Certificate<'_>) -> Vec<String> {
    const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
    let mut urls = Vec::new();
    for extension in certificate.extensions() {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            continue;
        };
        for description in &access.accessdescs {
            if let (CA_ISSUERS, GeneralName::URI(url)) = (
                description.access_method.to_id_string().as_str(),
                &description.access_location,
            ) {
                urls.push((*url).to_owned());
            }
        }
    }
    urls
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_described() {
        let names = vec!["a.example".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names.clone()).unwrap();
        let described = describe(made.cert.der());
        assert_eq!(described.names, names);
        assert!(described.self_issued);
        assert!(!described.has_scts);
        assert_eq!(described.sha256.len(), 64);
        assert_ne!(described.sha256, described.spki_sha256);
    }

    #[test]
    fn rubbish_is_described_too() {
        assert_eq!(describe(b"rubbish").subject, "(unreadable certificate)");
    }
}
