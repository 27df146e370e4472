//! Faults of the TLS handshake: certificates, versions, filters.

use crate::fault::Fault;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[];
