//! How the browser is to be started: the caller's network settings in the browser's terms.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Everything about the browser that does not depend on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserOptions {
    /// The program; `None` searches as [`crate::find()`] does.
    pub program: Option<PathBuf>,
    /// The debugging address of a browser that runs already, which is then used instead of one of our own:
    /// `http://127.0.0.1:9222` or `ws://…/devtools/browser/…`. The settings below are that browser's own affair then.
    pub attach: Option<String>,
    /// Which proxy the browser uses.
    pub proxy: BrowserProxy,
    /// Certificates in PEM form that the browser trusts in addition to its own roots; needs `certutil`.
    pub extra_roots_pem: Option<String>,
    /// Fixed addresses for names, as curl's `--resolve` gives them.
    pub resolve: Vec<FixedAddress>,
    /// Further command-line flags, passed as they are.
    pub extra_flags: Vec<String>,
    /// Longest wait from the start of the process to its first answer; a slow machine needs more.
    pub launch_timeout: Duration,
}

impl Default for BrowserOptions {
    fn default() -> Self {
        Self {
            program: None,
            attach: None,
            proxy: BrowserProxy::System,
            extra_roots_pem: None,
            resolve: Vec::new(),
            extra_flags: Vec::new(),
            launch_timeout: LAUNCH_TIMEOUT,
        }
    }
}

/// The browser's proxy setting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BrowserProxy {
    /// What the system or the environment says; the browser decides, as it would for a person.
    #[default]
    System,
    /// No proxy, whatever the environment says.
    Direct,
    /// One proxy for everything, loopback targets included.
    Server {
        /// `http://host:port`, `https://host:port`, `socks4://host:port` or `socks5://host:port`, without credentials.
        url: String,
        /// User name and password for a 407. Chromium cannot log in to SOCKS proxies.
        credentials: Option<Credentials>,
    },
}

/// A user name and a password; the password is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("username", &self.username)
            .field("password", &"***")
            .finish()
    }
}

/// A name and port that shall lead to one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedAddress {
    /// The name in the URL.
    pub host: String,
    /// The port in the URL; it stays the same.
    pub port: u16,
    /// Where to connect instead of asking the resolver.
    pub address: IpAddr,
}

/// Default of [`BrowserOptions::launch_timeout`].
const LAUNCH_TIMEOUT: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        let credentials = Credentials {
            username: "mary".into(),
            password: "s3cret".into(),
        };
        let printed = format!("{credentials:?}");
        assert!(
            printed.contains("mary") && !printed.contains("s3cret"),
            "{printed}"
        );
    }
}
