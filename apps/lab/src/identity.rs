//! A certificate for a server on this machine that stands behind networks of the lab.
//!
//! Each is signed by an authority of its own that nobody keeps, so that trusting one is of no use to anybody later.

use crate::authority::Authority;
use crate::error::LabError;

/// What a server on this machine shows, and what its clients have to trust. All of it is PEM.
pub struct ServerIdentity {
    /// The certificate for the names and addresses of loopback, and what leads from it to the root.
    pub chain: String,
    /// Its private key.
    pub key: String,
    /// The root.
    pub root: String,
}

impl ServerIdentity {
    /// A new one.
    pub fn new() -> Result<Self, LabError> {
        let authority = Authority::new("Towpath Lab")?;
        let (chain, key) = authority.issue_pem()?;
        Ok(Self {
            chain,
            key,
            root: authority.pem(),
        })
    }
}

impl std::fmt::Debug for ServerIdentity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key stays out of every log.
        formatter
            .debug_struct("ServerIdentity")
            .finish_non_exhaustive()
    }
}
