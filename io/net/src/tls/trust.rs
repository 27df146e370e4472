//! Whom to trust: one chain judged offline against several sets of anchors.
//!
//! Every set says its own verdict; none overrides another here. Only `accepted` decides whether a
//! connection goes on: the given authorities alone where the user gave some, else the operating
//! system's, else (where the system has none) Mozilla's.

use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};
use towpath_diagnosis::observation::{ChainVerdict, TrustReport};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{chain, rustls as client};
use crate::settings::SettingsError;

/// Most subject names that [`Anchors::extra_subjects`] lists.
const EXTRA_SUBJECTS_MAX: usize = 32;

/// One set of trust anchors.
#[derive(Debug)]
struct Store {
    verifier: Arc<WebPkiServerVerifier>,
    certificates: Vec<CertificateDer<'static>>,
}

impl Store {
    fn of(roots: RootCertStore, certificates: Vec<CertificateDer<'static>>) -> Option<Self> {
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), client::provider())
                .build()
                .ok()?;
        Some(Self {
            verifier,
            certificates,
        })
    }
}

/// The sets of trust anchors of this run. The system's and Mozilla's are read when first needed.
#[derive(Debug, Default)]
pub struct Anchors {
    system: OnceLock<Option<Store>>,
    mozilla: OnceLock<Option<Store>>,
    given: Option<Store>,
}

impl Anchors {
    /// Anchors that the user gave as PEM text, beside the others.
    pub fn with_given(pem: &[u8]) -> Result<Self, SettingsError> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<_, _>>()
            .map_err(|error| SettingsError::Authority(error.to_string()))?;
        if certificates.is_empty() {
            return Err(SettingsError::NoAuthority);
        }
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots
                .add(certificate.clone())
                .map_err(|error| SettingsError::Authority(error.to_string()))?;
        }
        Ok(Self {
            given: Store::of(roots, certificates),
            ..Self::default()
        })
    }

    fn system(&self) -> Option<&Store> {
        let read = || {
            let certificates = rustls_native_certs::load_native_certs().certs;
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(certificates.iter().cloned());
            Store::of(roots, certificates)
        };
        self.system.get_or_init(read).as_ref()
    }

    fn mozilla(&self) -> Option<&Store> {
        let read = || {
            let mut roots = RootCertStore::empty();
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            Store::of(roots, Vec::new())
        };
        self.mozilla.get_or_init(read).as_ref()
    }

    /// How many authorities the operating system trusts; absent where its store cannot be read.
    pub fn system_count(&self) -> Option<usize> {
        self.system().map(|store| store.certificates.len())
    }

    /// Subjects of the system's authorities that Mozilla's list does not have, at most 32.
    pub fn extra_subjects(&self) -> Vec<String> {
        let Some(system) = self.system() else {
            return Vec::new();
        };
        let known = |certificate: &CertificateDer<'_>| {
            X509Certificate::from_der(certificate).is_ok_and(|(_, parsed)| {
                // Anchors of the list hold the subject without its outer sequence header.
                let subject = parsed.subject().as_raw();
                webpki_roots::TLS_SERVER_ROOTS
                    .iter()
                    .any(|anchor| subject.ends_with(anchor.subject.as_ref()))
            })
        };
        system
            .certificates
            .iter()
            .filter(|certificate| !known(certificate))
            .filter_map(|certificate| chain::subject(certificate))
            .take(EXTRA_SUBJECTS_MAX)
            .collect()
    }

    fn given_subjects(&self) -> Vec<String> {
        self.given.as_ref().map_or_else(Vec::new, |store| {
            store
                .certificates
                .iter()
                .filter_map(|certificate| chain::subject(certificate))
                .take(EXTRA_SUBJECTS_MAX)
                .collect()
        })
    }

    /// Judges a chain, the server's own certificate first, for a host at this machine's time.
    pub fn judge(&self, chain: &[Vec<u8>], host: &str) -> TrustReport {
        let against = |store: &Store| verdict(store, chain, host);
        let system = self.system().map(against);
        let mozilla = self.mozilla().map_or(
            ChainVerdict::Other {
                detail: "no list of authorities was built in".to_owned(),
            },
            against,
        );
        let given = self.given.as_ref().map(against);
        let decides = given.as_ref().or(system.as_ref()).unwrap_or(&mozilla);
        TrustReport {
            accepted: *decides == ChainVerdict::Trusted,
            system,
            mozilla,
            given,
            given_subjects: self.given_subjects(),
        }
    }
}

fn verdict(store: &Store, chain: &[Vec<u8>], host: &str) -> ChainVerdict {
    let Some((leaf, rest)) = chain.split_first() else {
        return ChainVerdict::Other {
            detail: "the server presented no certificate".to_owned(),
        };
    };
    let Ok(name) = ServerName::try_from(host.trim_end_matches('.').to_owned()) else {
        return ChainVerdict::Other {
            detail: "the host is not a name that certificates can hold".to_owned(),
        };
    };
    let leaf = CertificateDer::from_slice(leaf);
    let rest: Vec<_> = rest
        .iter()
        .map(|der| CertificateDer::from_slice(der))
        .collect();
    let checked = store
        .verifier
        .verify_server_cert(&leaf, &rest, &name, &[], UnixTime::now());
    match checked {
        Ok(_) => ChainVerdict::Trusted,
        Err(Error::InvalidCertificate(error)) => match named(&error) {
            Some(verdict) => verdict,
            None if is_authority(&leaf) => self_signed(store, &leaf, &name),
            None => ChainVerdict::Other {
                detail: error.to_string(),
            },
        },
        Err(error) => ChainVerdict::Other {
            detail: error.to_string(),
        },
    }
}

fn named(error: &CertificateError) -> Option<ChainVerdict> {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            Some(ChainVerdict::Expired)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Some(ChainVerdict::NotYetValid)
        }
        CertificateError::Revoked => Some(ChainVerdict::Revoked),
        CertificateError::UnknownIssuer => Some(ChainVerdict::UnknownIssuer),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Some(ChainVerdict::WrongName)
        }
        _ => None,
    }
}

fn is_authority(der: &[u8]) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(_, parsed)| parsed.is_ca())
}

/// A server's own certificate that is marked as an authority, as `openssl req -x509` makes them.
///
/// The verifier knows no verdict for those; other clients trust one that is itself an anchor.
fn self_signed(store: &Store, leaf: &CertificateDer<'_>, name: &ServerName<'_>) -> ChainVerdict {
    let Ok((_, parsed)) = X509Certificate::from_der(leaf) else {
        return ChainVerdict::UnknownIssuer;
    };
    let now = UnixTime::now().as_secs();
    let validity = parsed.validity();
    let is_after = |limit: i64| i64::try_from(now).is_ok_and(|now| now > limit);
    if is_after(validity.not_after.timestamp()) {
        return ChainVerdict::Expired;
    }
    if !is_after(validity.not_before.timestamp() - 1) {
        return ChainVerdict::NotYetValid;
    }
    let is_anchor = store
        .certificates
        .iter()
        .any(|anchor| anchor.as_ref() == leaf.as_ref());
    if !is_anchor {
        return ChainVerdict::UnknownIssuer;
    }
    let covers = |known: &String| covers(known, &name.to_str());
    if chain::describe(leaf).names.iter().any(covers) {
        ChainVerdict::Trusted
    } else {
        ChainVerdict::WrongName
    }
}

/// Whether a name of a certificate covers a host (RFC 6125 section 6.4: one label for the star).
fn covers(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    match (pattern.strip_prefix("*."), host.split_once('.')) {
        (Some(suffix), Some((_, rest))) => suffix == rest,
        _ => pattern == host,
    }
}
