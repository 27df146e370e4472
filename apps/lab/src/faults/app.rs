//! Faults of the application protocol after the connection is open.

/// All of them, in the order of the list.
use crate::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[];
