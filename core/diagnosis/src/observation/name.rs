//! What resolvers answered.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

/// One question to one resolver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    /// The name asked for.
    pub name: String,
    /// Who was asked.
    pub resolver: Resolver,
    /// What came back.
    pub outcome: NameOutcome,
    /// Extended DNS error codes (RFC 8914) that came with an answer without addresses, for example 15
    /// for "blocked"; those beside addresses stand in [`NameAnswer`].
    #[serde(default)]
    pub extended_errors: Vec<u16>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// Who was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "resolver", rename_all = "snake_case")]
pub enum Resolver {
    /// The operating system's own lookup (hosts file, search list and all).
    System,
    /// A DNS query sent straight to a configured name server.
    Server {
        /// `address:port`.
        server: String,
        /// Whether the query disabled DNSSEC validation (RFC 4035 `CD` bit).
        checking_disabled: bool,
    },
    /// Nobody: the user fixed the addresses (`--resolve`).
    Given,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum NameOutcome {
    /// Addresses.
    Addresses(NameAnswer),
    /// The name does not exist (`NXDOMAIN`, `EAI_NONAME`).
    NoSuchName,
    /// The name exists and has no address.
    NoAddress,
    /// The resolver failed (`SERVFAIL`, `EAI_AGAIN`).
    ServerFailure,
    /// The resolver refused (`REFUSED`).
    Refused,
    /// No answer in time.
    TimedOut,
    /// Something else.
    Other {
        /// What was said.
        detail: String,
    },
}

/// Addresses and what came with them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NameAnswer {
    /// In the order in which they came.
    pub addresses: Vec<IpAddr>,
    /// Extended DNS error codes (RFC 8914), for example 15 for "blocked".
    #[serde(default)]
    pub extended_errors: Vec<u16>,
}
