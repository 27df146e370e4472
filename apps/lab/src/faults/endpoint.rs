//! Faults of software on the device itself.

mod av_webshield;
mod endpoint_devproxy;

/// All of them, in the order of the list.
use crate::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[av_webshield::FAULT, endpoint_devproxy::FAULT];
