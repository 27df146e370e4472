//! TLS of the gateway: the provider, and certificates from files.
//!
//! It must never log or keep a private key outside rustls.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::ServeError;

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
