//! In whose name networks inspect TLS, and whom they trust themselves.
//!
//! Keys never leave this process.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, client_trusting};
use crate::error::LabError;

/// An authority that signs for networks that inspect TLS. Several networks may share one, so that a client has to
/// trust it once.
#[derive(Debug, Clone)]
pub struct Inspector(Arc<Authority>);

impl Inspector {
    /// A new authority.
    pub fn new() -> Result<Self, LabError> {
        Authority::new("Lab Web Gateway").map(|authority| Self(Arc::new(authority)))
    }

    /// The certificate that clients have to trust, as PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Speaks TLS with clients.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, LabError> {
        Ok(TlsAcceptor::from(Arc::new(self.0.server()?)))
    }
}

/// A TLS client that trusts the public authorities and these, as PEM.
pub(super) fn client(roots_pem: &str) -> Result<Arc<rustls::ClientConfig>, LabError> {
    let roots: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(roots_pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| LabError::BadRoots)?;
    let roots: Vec<&CertificateDer<'static>> = roots.iter().collect();
    Ok(Arc::new(client_trusting(&roots)?))
}
