//! What the caller fixes for one session.

use std::time::Duration;

use thiserror::Error;
use towpath_net::ProxyServer;
use towpath_session::choice::{TRANSPORTS, Transport};

/// Settings of one session. [`Settings::new`] gives the defaults for a URL.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `ws://` or `wss://`; the application's own URL, which the gateway serves.
    pub url: String,
    /// Subprotocols to offer to the backend, in order of preference.
    pub subprotocols: Vec<String>,
    /// Headers of every request, such as `Cookie`, `Authorization` and `Origin`. Without an `Origin` the
    /// server's own is sent.
    pub headers: Vec<(String, String)>,
    /// The transports to use, best first. Fewer than all force the rest out.
    pub transports: Vec<Transport>,
    /// Whom to trust, fixed addresses, waits of the network.
    pub net: towpath_net::Settings,
    /// The proxy to go through.
    pub proxy: Option<ProxyServer>,
    /// Bytes that the gateway may send ahead of the application. More is faster over long paths and costs
    /// memory when the application stalls.
    pub window_bytes: u64,
    /// Largest message that is put together, in bytes. A larger one closes the session with 1009.
    pub message_bytes_max: usize,
    /// Bytes of sends that wait for an acknowledgement, before `send` itself waits.
    pub outbox_bytes_max: u64,
    /// What [`super::Sender::remembered`] said of this server within the last half hour.
    pub remembered: Option<Transport>,
    /// How long a session that has not reached a gateway yet is tried.
    pub patience: Duration,
}

impl Settings {
    /// All transports, ordinary limits, the system's trust.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            subprotocols: Vec::new(),
            headers: Vec::new(),
            transports: TRANSPORTS.to_vec(),
            net: towpath_net::Settings::default(),
            proxy: None,
            window_bytes: 262_144,
            message_bytes_max: 64 << 20,
            outbox_bytes_max: 1 << 20,
            remembered: None,
            patience: Duration::from_mins(2),
        }
    }

    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if self.transports.is_empty() {
            return Err(SettingsError::NoTransport);
        }
        if self.window_bytes < WINDOW_BYTES_MIN {
            return Err(SettingsError::Window);
        }
        Ok(())
    }
}

/// A window that cannot hold one piece would wait for ever.
const WINDOW_BYTES_MIN: u64 = 32_768;

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// The URL.
    #[error("`{url}` cannot be opened: {problem}")]
    Url {
        /// As it was given.
        url: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// An empty list of transports.
    #[error("at least one transport is needed")]
    NoTransport,
    /// [`Settings::window_bytes`].
    #[error("the window must be at least {WINDOW_BYTES_MIN} bytes")]
    Window,
}
