//! Faults that need time: idle cuts, lifetimes, silence.

use crate::fault::Fault;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[];
