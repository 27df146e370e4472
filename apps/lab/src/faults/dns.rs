//! Faults of name resolution: a resolver that answers, wrongly.

mod dns_filtered;
mod dns_nxdomain;
mod dns_rebind_guard;
mod dns_servfail;
mod dns_servfail_dnssec;

/// All of them, in the order of the list.
use crate::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[
    dns_nxdomain::FAULT,
    dns_servfail::FAULT,
    dns_servfail_dnssec::FAULT,
    dns_filtered::FAULT,
    dns_rebind_guard::FAULT,
];
