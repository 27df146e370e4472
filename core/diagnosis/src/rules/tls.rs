//! Rules for causes in the layer of TLS.
//!
//! Each file holds the causes that are told apart by the same facts.

use super::Rule;

mod alpn;
mod certificate;
mod chain;
mod client_certificate;
mod clock;
mod filter;
pub(super) mod interception;
mod no_certificate;
mod port;
mod protocol;
mod trust;

/// The rules of this layer.
pub const RULES: &[Rule] = &[
    trust::INTERCEPT_UNTRUSTED,
    trust::PRIVATE_AUTHORITY,
    chain::INCOMPLETE,
    interception::TRUSTED,
    clock::EXPIRED,
    clock::SKEW,
    certificate::NAME_MISMATCH,
    no_certificate::NO_CERTIFICATE,
    no_certificate::VERSION_1,
    certificate::REVOKED,
    certificate::NAME_NOT_SENT,
    client_certificate::REQUIRED,
    port::WRONG_PORT,
    alpn::NONE_IN_COMMON,
    alpn::HTTP_2_CHOSEN,
    alpn::HTTP_2_ONLY,
    protocol::VERSION_OLD,
    protocol::CIPHER_MISMATCH,
    filter::SERVER_NAME,
    filter::LARGE_HELLO,
    filter::TLS_1_3,
    filter::FINGERPRINT,
];

#[cfg(test)]
mod tests;
