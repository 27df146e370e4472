//! Faults of frames and messages, once the connection is open.

use crate::fault::Fault;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[];
