//! Faults below TLS: ports, addresses, resets and full queues.

mod tcp_drop;
mod tcp_fake_accept;
mod tcp_refused;
mod tcp_reset;
mod tcp_v6_broken;

/// All of them, in the order of the list.
use crate::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[
    tcp_refused::FAULT,
    tcp_drop::FAULT,
    tcp_v6_broken::FAULT,
    tcp_reset::FAULT,
    tcp_fake_accept::FAULT,
];
