//! Faults of the TLS handshake: certificates, versions, filters.

mod tls13_blocked;
mod tls_alpn_h2;
mod tls_alpn_none;
mod tls_chain_incomplete;
mod tls_cipher_mismatch;
mod tls_clock_skew;
mod tls_expired;
mod tls_fingerprint_filter;
mod tls_fingerprint_filter_403;
mod tls_intercept_trusted;
mod tls_intercept_untrusted;
mod tls_intercept_untrusted_transparent;
mod tls_large_hello;
mod tls_mtls;
mod tls_name_mismatch;
mod tls_private_ca;
mod tls_private_ca_self_signed;
mod tls_sni_filter;
mod tls_sni_missing;
mod tls_version_old;
mod tls_wrong_port;
mod tls_wrong_port_plain;

/// All of them, in the order of the list.
use crate::fault::Fault;

pub(crate) const FAULTS: &[Fault] = &[
    tls_expired::FAULT,
    tls_name_mismatch::FAULT,
    tls_chain_incomplete::FAULT,
    tls_private_ca::FAULT,
    tls_private_ca_self_signed::FAULT,
    tls_clock_skew::FAULT,
    tls_intercept_untrusted_transparent::FAULT,
    tls_version_old::FAULT,
    tls_cipher_mismatch::FAULT,
    tls_sni_missing::FAULT,
    tls_sni_filter::FAULT,
    tls_fingerprint_filter::FAULT,
    tls_fingerprint_filter_403::FAULT,
    tls13_blocked::FAULT,
    tls_large_hello::FAULT,
    tls_alpn_none::FAULT,
    tls_alpn_h2::FAULT,
    tls_mtls::FAULT,
    tls_wrong_port::FAULT,
    tls_wrong_port_plain::FAULT,
    tls_intercept_trusted::FAULT,
    tls_intercept_untrusted::FAULT,
];
