//! Faults below TLS: ports, addresses, resets and full queues.

use crate::fault::Fault;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[];
