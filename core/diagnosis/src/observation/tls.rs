//! TLS handshakes: what was offered, what came back, who trusts it.

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::path::Route;

/// Which TLS library made the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsLibrary {
    /// rustls.
    #[default]
    Rustls,
    /// OpenSSL.
    OpenSsl,
}

/// What differs from the ordinary attempt; each variation changes one thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "variation", rename_all = "snake_case")]
pub enum TlsVariation {
    /// TLS 1.3 and 1.2, ALPN `http/1.1`, the target's name.
    Ordinary,
    /// The same by OpenSSL.
    OpenSsl,
    /// No version above 1.2.
    Only12,
    /// No version above 1.1, by OpenSSL (to tell an old server from a broken one).
    Only11,
    /// No post-quantum key share, so that the `ClientHello` fits one segment.
    WithoutPostQuantum,
    /// Another name in the server name indication.
    ServerName {
        /// The name sent.
        name: String,
    },
    /// No server name indication.
    NoServerName,
    /// Other application protocols; empty for none.
    Alpn {
        /// The protocols offered, in order.
        protocols: Vec<String>,
    },
    /// Past the proxy.
    Direct,
    /// A wider set of cipher suites than is wise, by OpenSSL at security level 0.
    WideCiphers,
}

/// One TLS handshake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TlsAttempt {
    /// What was varied.
    pub variation: TlsVariation,
    /// Which library made it.
    pub library: TlsLibrary,
    /// The way taken.
    pub route: Route,
    /// The name sent in the server name indication.
    #[serde(default)]
    pub server_name: Option<String>,
    /// The application protocols offered.
    #[serde(default)]
    pub alpn_offered: Vec<String>,
    /// Whether the server asked for a client certificate, also where the handshake failed afterwards.
    #[serde(default)]
    pub client_certificate_requested: bool,
    /// What came of it.
    pub outcome: TlsOutcome,
    /// How long the TLS handshake took, in milliseconds.
    pub elapsed_ms: u64,
}

/// What came of a TLS handshake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum TlsOutcome {
    /// Keys were agreed. Whether the chain is trusted is a separate matter.
    Established(Box<TlsEstablished>),
    /// No keys were agreed.
    Failed(Failure),
}

/// What a TLS handshake agreed on, and the chain presented.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TlsEstablished {
    /// For example `TLSv1.3`.
    pub version: String,
    /// For example `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The key exchange group agreed on, as its library names it; absent where the library does not tell.
    #[serde(default)]
    pub group: Option<String>,
    /// The application protocol chosen.
    #[serde(default)]
    pub alpn: Option<String>,
    /// Whether the server asked for a client certificate.
    pub client_certificate_requested: bool,
    /// The chain as sent, the server's own certificate first.
    pub chain: Vec<Certificate>,
    /// Who trusts the chain.
    pub trust: TrustReport,
}

/// A certificate as presented.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// Subject, as RFC 4514 text.
    pub subject: String,
    /// Issuer, as RFC 4514 text.
    pub issuer: String,
    /// Names it covers.
    pub names: Vec<String>,
    /// Start of validity, seconds since 1970-01-01 UTC.
    pub not_before_unix_s: i64,
    /// End of validity, seconds since 1970-01-01 UTC.
    pub not_after_unix_s: i64,
    /// SHA-256 of the certificate, lower-case hexadecimal.
    pub sha256: String,
    /// SHA-256 of its public key info, lower-case hexadecimal.
    pub spki_sha256: String,
    /// Whether subject and issuer are the same.
    pub self_issued: bool,
    /// Whether it may sign certificates (basic constraints).
    pub is_authority: bool,
    /// Whether it carries signed certificate timestamps (RFC 6962).
    pub has_scts: bool,
    /// Where its issuer's certificate can be fetched (authority information access).
    #[serde(default)]
    pub issuer_urls: Vec<String>,
}

/// One chain judged against several sets of trust anchors at this machine's time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrustReport {
    /// Against the operating system's store; absent where it could not be read.
    #[serde(default)]
    pub system: Option<ChainVerdict>,
    /// Against Mozilla's list.
    pub mozilla: ChainVerdict,
    /// Against the authorities that the user gave.
    #[serde(default)]
    pub given: Option<ChainVerdict>,
    /// Subject names of the authorities that the user gave, at most 32.
    #[serde(default)]
    pub given_subjects: Vec<String>,
    /// Whether this run goes on with the connection.
    pub accepted: bool,
}

/// What one set of trust anchors says of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "chain", rename_all = "snake_case")]
pub enum ChainVerdict {
    /// Trusted for this name.
    Trusted,
    /// No path to a trust anchor.
    UnknownIssuer,
    /// Past its end.
    Expired,
    /// Before its start.
    NotYetValid,
    /// Does not cover the name.
    WrongName,
    /// Revoked.
    Revoked,
    /// Something else.
    Other {
        /// What the verifier said.
        detail: String,
    },
}
