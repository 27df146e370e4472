//! What a probe is told of its target before it asks anything.
//!
//! Values here are raw and may be secret. They reach facts only through the redactor.

use std::time::Duration;

use towpath_diagnosis::observation::{Header, RequestHead, Scheme, TokenPlacement};
use towpath_net::ProxyServer;
use towpath_net::proxy::environment;

use crate::endure::Watch;

/// The target, how it is to be asked, and what the user gave for it.
#[derive(Clone)]
pub struct ProbeSettings {
    /// `ws` or `wss`.
    pub scheme: Scheme,
    /// The host: a name or an address literal without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query as given; begins with `/`.
    pub path: String,
    /// The Origin to send; none where absent, as native programs do.
    pub origin: Option<String>,
    /// Subprotocols to offer, in order.
    pub subprotocols: Vec<String>,
    /// Further headers (`-H`): each replaces one of the program's own; an empty value removes it.
    pub headers: Vec<Header>,
    /// The token.
    pub token: Option<Token>,
    /// The page whose cookies may be used (`--page`).
    pub page: Option<String>,
    /// A request that works elsewhere (`--like`).
    pub like: Option<RequestHead>,
    /// The debugging address of a running browser to ask instead of one of our own.
    pub browser_attach: Option<String>,
    /// Through which proxy.
    pub proxy: ProxyChoice,
    /// Whether the target may be sent anything because it echoes (`--echo`).
    pub echo: bool,
    /// The message to send (`--send`).
    pub send: Option<String>,
    /// The text that an answer must hold (`--expect`).
    pub expect: Option<String>,
    /// How much longer a page that the user named is watched where only it may know how to get in: some open their sockets
    /// after ten seconds.
    pub watch_page_longer: Duration,
    /// Who follows the time ladder, and may end it.
    pub watch: Watch,
    /// The run's secrets, to be removed from every fact.
    pub secrets: Vec<String>,
    /// Dialling: addresses fixed, trust, client certificate, limits.
    pub net: towpath_net::Settings,
}

impl ProbeSettings {
    /// Settings for a target with nothing else given: direct, no token, no page.
    pub fn new(scheme: Scheme, host: &str, port: u16, path: &str) -> Self {
        Self {
            scheme,
            host: host.to_owned(),
            port,
            path: path.to_owned(),
            origin: None,
            subprotocols: Vec::new(),
            headers: Vec::new(),
            token: None,
            page: None,
            like: None,
            browser_attach: None,
            proxy: ProxyChoice::Never,
            echo: false,
            send: None,
            expect: None,
            watch_page_longer: Duration::from_secs(9),
            watch: Watch::default(),
            secrets: Vec::new(),
            net: towpath_net::Settings::default(),
        }
    }
}

/// A token and where it is sent.
#[derive(Clone)]
pub struct Token {
    /// The token itself.
    pub value: String,
    /// Its place.
    pub placement: TokenPlacement,
}

/// Through which proxy to go.
#[derive(Debug, Clone, Default)]
pub enum ProxyChoice {
    /// The one that the environment's variables name, if any.
    #[default]
    Environment,
    /// This one, whatever the environment says.
    Given(ProxyServer),
    /// None.
    Never,
}

impl ProxyChoice {
    /// The proxy for a target, read from the environment where that decides.
    pub fn server(&self, scheme: Scheme, host: &str, port: u16) -> Option<ProxyServer> {
        match self {
            Self::Given(proxy) => Some(proxy.clone()),
            Self::Never => None,
            Self::Environment => {
                let variable = |name: &str| std::env::var(name).ok();
                let found = environment::find(scheme, host, port, variable);
                let mut usable = found.iter().filter(|setting| !setting.exempt);
                usable.find_map(|setting| ProxyServer::parse(&setting.value).ok())
            }
        }
    }
}
