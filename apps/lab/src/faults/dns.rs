//! Faults of name resolution: a resolver that answers, wrongly.

use crate::fault::Fault;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[];
