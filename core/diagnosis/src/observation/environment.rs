//! What this machine is set to before anything is sent.

use serde::{Deserialize, Serialize};

/// Proxies, trust and clock of the machine that runs the check.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Environment {
    /// Proxies that settings name for this target, whether or not this run uses them.
    pub proxies: Vec<ProxySetting>,
    /// Number of certificate authorities in the operating system's store; absent if unreadable.
    #[serde(default)]
    pub system_roots: Option<usize>,
    /// Subject names of authorities in the system's store that Mozilla's list does not have, at most 32.
    #[serde(default)]
    pub extra_roots: Vec<String>,
    /// Name servers the system is configured with, as `address:port`.
    #[serde(default)]
    pub name_servers: Vec<String>,
    /// A line of the hosts file that names the target: its addresses.
    #[serde(default)]
    pub hosts_file: Vec<String>,
}

/// One proxy setting found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxySetting {
    /// Where it was found: `--proxy`, or an environment variable's name.
    pub source: String,
    /// `scheme://host:port` without credentials.
    pub proxy: String,
    /// Whether this run goes through it.
    pub used: bool,
}
