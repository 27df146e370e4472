//! TLS of the gateway: certificates from files, and the same again when the files change.
//!
//! It must never log a private key or serve without a certificate that was once good.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::sleep;

use crate::config::TlsSettings;
use crate::error::ServeError;

/// The gateway's certificate, as it is now.
#[derive(Debug)]
pub(crate) struct Certificates {
    settings: TlsSettings,
    current: RwLock<Arc<ServerConfig>>,
}

impl Certificates {
    /// Reads chain and key.
    pub(crate) fn new(settings: TlsSettings) -> Result<Arc<Self>, ServeError> {
        let current = RwLock::new(load(&settings)?);
        Ok(Arc::new(Self { settings, current }))
    }

    /// What a new connection uses.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again; keeps what there was if they cannot be used.
    fn reload(&self) -> Result<(), ServeError> {
        let new = load(&self.settings)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    fn stamps(&self) -> [Option<Stamp>; 2] {
        [&self.settings.certificate, &self.settings.key].map(|file| stamp(file))
    }
}

/// What tells that a file has been written.
type Stamp = (SystemTime, u64);

fn stamp(file: &Path) -> Option<Stamp> {
    let known = std::fs::metadata(file).ok()?;
    Some((known.modified().ok()?, known.len()))
}

/// Reads the certificate again whenever its files change, for ever.
///
/// Chain and key are two files and are not written in one moment: a pair that does not fit is tried again at
/// the next look, and told once.
pub(crate) async fn watch(certificates: Arc<Certificates>) {
    let mut used = certificates.stamps();
    let mut told = used;
    loop {
        sleep(LOOK_EVERY).await;
        let now = certificates.stamps();
        if now == used {
            continue;
        }
        match certificates.reload() {
            Ok(()) => {
                tracing::info!("certificate changed");
                (used, told) = (now, now);
            }
            Err(error) if told != now => {
                let why = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, why, "the new certificate cannot be used, the old one stays");
                told = now;
            }
            Err(_) => {}
        }
    }
}

fn load(settings: &TlsSettings) -> Result<Arc<ServerConfig>, ServeError> {
    let chain = read_certificates(&settings.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&settings.key)
        .map_err(|error| ServeError::certificate(&settings.key, error))?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("the provider supports TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| ServeError::certificate(&settings.certificate, error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The cryptography, named instead of installed for the whole process.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// All certificates of a PEM file; at least one.
pub(crate) fn read_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, ServeError> {
    let wrong = |error: rustls::pki_types::pem::Error| ServeError::certificate(file, error);
    let all: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file)
        .map_err(wrong)?
        .collect();
    let all = all.map_err(wrong)?;
    if all.is_empty() {
        return Err(ServeError::certificate(file, "it holds no certificate"));
    }
    Ok(all)
}

/// Between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_secs(2);
