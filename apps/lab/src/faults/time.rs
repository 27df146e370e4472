//! Faults that need time: idle cuts, lifetimes, silence.

/// All of them, in the order of the list.
use crate::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[];
