//! What a caller fixes for all its openings: by which way, through which proxy, under which origin.
//!
//! It must never be changed while a [`crate::Reach`] uses it.

use std::time::Duration;

use towpath_browser::KeeperSettings;
use towpath_probe::ProxyChoice;

use crate::token::TokenUse;

/// By which way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Via {
    /// The best one, found out and told.
    #[default]
    Auto,
    /// From this machine to the remote, past every proxy.
    Direct,
    /// Through the proxy that is given or that the environment names.
    Proxy,
    /// As a session of the Towpath gateway at the URL.
    Gateway,
    /// By a socket inside a page of a real browser.
    Browser,
}

/// What holds for all openings of a [`crate::Reach`]. [`Settings::default`] is what `towpath dial URL` does.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// By which way.
    pub via: Via,
    /// Trust, fixed addresses, client certificate, waits.
    pub net: towpath_net::Settings,
    /// Through which proxy, unless [`Via::Direct`].
    pub proxy: ProxyChoice,
    /// Headers of every handshake: each replaces one of the request's; an empty value removes it.
    pub headers: Vec<(String, String)>,
    /// The Origin to send. Without one a native way sends what the request's headers hold, and the others the remote's own site.
    pub origin: Option<String>,
    /// The page to visit before a socket is opened in a browser.
    pub page: Option<String>,
    /// Whose cookies a browser uses: sockets of different accounts share none.
    pub account: Option<String>,
    /// The browser: which, how much memory, for how long. Its proxy, trust and fixed addresses are those of these settings.
    pub browser: KeeperSettings,
    /// Whether [`Via::Auto`] may start a browser, for its inquiry and as a way.
    pub may_use_browser: bool,
    /// The token to put into native handshakes.
    pub token: Option<TokenUse>,
    /// Largest message that is put together, in bytes. Native streams that are copied have no such limit.
    pub message_bytes_max: usize,
    /// How long a remote has to prove that messages come through after its 101, where the way is not known to work. Longer delays
    /// the fallback on mute paths; shorter takes slow remotes for mute.
    pub proof: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            via: Via::Auto,
            net: towpath_net::Settings::default(),
            proxy: ProxyChoice::Environment,
            headers: Vec::new(),
            origin: None,
            page: None,
            account: None,
            browser: KeeperSettings::default(),
            may_use_browser: true,
            token: None,
            message_bytes_max: 16 << 20,
            proof: Duration::from_secs(2),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("via", &self.via)
            .finish_non_exhaustive()
    }
}
