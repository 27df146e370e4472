//! Healthy servers and proxies to compare with, and imitations of well-known servers.

mod healthy_echo;
mod healthy_echo_tls;
mod seed_phoenix;

use crate::fault::Fault;

/// All of them, in the order of the list.
pub(crate) const FAULTS: &[Fault] = &[
    healthy_echo::FAULT,
    healthy_echo_tls::FAULT,
    seed_phoenix::FAULT,
];
