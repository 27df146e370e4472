//! The lab's certificate authorities: a root, one intermediate, and leaves good or bad on purpose.
//!
//! Made anew at each start and never written anywhere but where the caller asks, so that trusting one is
//! of no use to anybody later.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::error::LabError;

/// A root and its intermediate, able to issue.
pub(crate) struct Authority {
    root: rcgen::Certificate,
    intermediate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key stays out of every log.
        formatter.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// When a leaf is valid, counted in days from now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Validity {
    pub(crate) from_days: i64,
    pub(crate) until_days: i64,
}

impl Validity {
    /// Valid now and for as long as public authorities issue.
    pub(crate) const NOW: Self = Self {
        from_days: -1,
        until_days: 89,
    };
}

/// A leaf, its key, and the chain to send with it.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The leaf first, then what leads to the root.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    /// The leaf's key.
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Authority {
    /// A new authority under this organisation's name.
    pub(crate) fn new(organisation: &str) -> Result<Self, LabError> {
        let root_key = KeyPair::generate()?;
        let root_params = authority_params(organisation, "Root")?;
        let root = root_params.self_signed(&root_key)?;
        let root_issuer = Issuer::new(root_params, root_key);
        let key = KeyPair::generate()?;
        let params = authority_params(organisation, "Intermediate")?;
        let intermediate = params.signed_by(&key, &root_issuer)?;
        Ok(Self {
            root,
            intermediate,
            issuer: Issuer::new(params, key),
        })
    }

    /// The root, for clients to trust.
    pub(crate) fn pem(&self) -> String {
        self.root.pem()
    }

    /// The root, for this process to trust.
    pub(crate) fn root(&self) -> &CertificateDer<'static> {
        self.root.der()
    }

    /// Issues a leaf for these names or addresses.
    pub(crate) fn issue(&self, names: &[&str], validity: Validity) -> Result<Identity, LabError> {
        let key = KeyPair::generate()?;
        let leaf = leaf_params(names, validity)?.signed_by(&key, &self.issuer)?;
        Ok(Identity {
            chain: vec![leaf.der().clone(), self.intermediate.der().clone()],
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        })
    }

    /// Issues a leaf for the names by which the lab is reached: its chain and its key, as PEM.
    pub(crate) fn issue_pem(&self) -> Result<(String, String), LabError> {
        let key = KeyPair::generate()?;
        let leaf = leaf_params(LAB_NAMES, Validity::NOW)?.signed_by(&key, &self.issuer)?;
        Ok((leaf.pem() + &self.intermediate.pem(), key.serialize_pem()))
    }

    /// A TLS server for the names by which the lab is reached, speaking HTTP/1.1.
    pub(crate) fn server(&self) -> Result<ServerConfig, LabError> {
        server_of(self.issue(LAB_NAMES, Validity::NOW)?)
    }
}

/// A leaf that signs itself, as appliances and development servers have.
pub(crate) fn self_signed() -> Result<Identity, LabError> {
    let key = KeyPair::generate()?;
    let leaf = leaf_params(LAB_NAMES, Validity::NOW)?.self_signed(&key)?;
    Ok(Identity {
        chain: vec![leaf.der().clone()],
        key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
    })
}

/// A TLS server with this identity, speaking HTTP/1.1 and asking no client certificate.
pub(crate) fn server_of(identity: Identity) -> Result<ServerConfig, LabError> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// A TLS client that trusts these roots and the public ones.
pub(crate) fn client_trusting(
    roots: &[&CertificateDer<'static>],
) -> Result<ClientConfig, LabError> {
    let mut store = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for root in roots {
        store.add((*root).clone())?;
    }
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The cryptography of every TLS connection in the lab.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn authority_params(organisation: &str, role: &str) -> Result<CertificateParams, LabError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
        .distinguished_name
        .push(DnType::OrganizationName, organisation);
    params
        .distinguished_name
        .push(DnType::CommonName, format!("{organisation} {role}"));
    set_validity(
        &mut params,
        Validity {
            from_days: -30,
            until_days: 365,
        },
    );
    Ok(params)
}

fn leaf_params(names: &[&str], validity: Validity) -> Result<CertificateParams, LabError> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let common_name = names.first().cloned().unwrap_or_default();
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    set_validity(&mut params, validity);
    Ok(params)
}

fn set_validity(params: &mut CertificateParams, validity: Validity) {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let at = |days: i64| {
        let days = Duration::from_secs(days.unsigned_abs() * SECONDS_PER_DAY);
        let from_epoch = |sum: Duration| rcgen::date_time_ymd(1970, 1, 1) + sum;
        (
            from_epoch(since_epoch + days),
            from_epoch(since_epoch.saturating_sub(days)),
        )
    };
    let pick = |days: i64| if days < 0 { at(days).1 } else { at(days).0 };
    params.not_before = pick(validity.from_days);
    params.not_after = pick(validity.until_days);
}

/// By these names a lab on this machine is reached.
pub(crate) const LAB_NAMES: &[&str] = &["localhost", "127.0.0.1", "::1"];

const SECONDS_PER_DAY: u64 = 86_400;
