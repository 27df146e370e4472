//! Faults of software on the device itself.

mod av_webshield;
mod endpoint_devproxy;

use crate::fault::Fault;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[av_webshield::FAULT, endpoint_devproxy::FAULT];
