//! What stands between a program and the backend, one way of `towpath dial` each.

use towpath_tests::boxes::{Running, dante, gateway, node, squid};

use crate::ask::Ask;
use crate::program::{Dial, Home};

/// How the remote is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Without a dial, so that what the table asks of the others is known to hold where nothing is in between.
    Control,
    /// By a socket of its own.
    Direct,
    /// By CONNECT through Squid.
    Connect,
    /// By SOCKS through Dante.
    Socks,
    /// By a session with a gateway before the backend.
    Gateway,
    /// By a page's socket.
    Browser,
}

impl Way {
    /// Whether bytes are copied as they are.
    pub(crate) fn is_native(self) -> bool {
        matches!(
            self,
            Self::Control | Self::Direct | Self::Connect | Self::Socks
        )
    }
}

/// The backend of `tests/npm/conformance.mjs`, and a dial to it.
pub(crate) struct World {
    pub(crate) way: Way,
    dial: Option<Dial>,
    pub(crate) backend: Running,
    between: Option<Running>,
    _home: Home,
}

impl World {
    /// Starts all of it. Call it on the test's own thread: the system ends programs with the thread that started them.
    pub(crate) fn start(way: Way) -> Self {
        let backend = node::start("conformance.mjs", "");
        let home = Home::default();
        let (via, between) = match way {
            Way::Control => ("", None),
            Way::Direct => ("direct", None),
            Way::Connect => ("proxy", Some(squid::forward("http_access allow all"))),
            Way::Socks => ("proxy", Some(dante::start("none", SOCKS_RULES))),
            Way::Gateway => ("gateway", Some(gateway::start(backend.port))),
            Way::Browser => ("browser", None),
        };
        let proxy = match (way, &between) {
            (Way::Connect, Some(proxy)) => Some(proxy.proxy()),
            (Way::Socks, Some(proxy)) => Some(format!("socks5h://127.0.0.1:{}", proxy.port)),
            _ => None,
        };
        let url = match (way, &between) {
            (Way::Gateway, Some(gateway)) => gateway.ws("/"),
            _ => backend.ws("/"),
        };
        let mut words = vec!["--via", via];
        if let Some(proxy) = &proxy {
            words.extend(["--proxy", proxy]);
        }
        words.push(&url);
        let dial = (way != Way::Control).then(|| Dial::start(&home, &words));
        Self {
            way,
            dial,
            backend,
            between,
            _home: home,
        }
    }

    /// A handshake at the dial.
    pub(crate) fn ask(&self, path: &str) -> Ask {
        match &self.dial {
            Some(dial) => dial.ask(path),
            None => Ask::at(self.backend.port, path),
        }
    }

    /// The port that nobody but the program knows of.
    pub(crate) fn local_port(&self) -> Option<u16> {
        self.dial.as_ref().map(Dial::port)
    }

    /// The authority that the backend should see as `Host`: that of the remote, never the dial's.
    pub(crate) fn remote_host(&self) -> String {
        let port = match (self.way, &self.between) {
            (Way::Gateway, Some(gateway)) => gateway.port,
            _ => self.backend.port,
        };
        format!("127.0.0.1:{port}")
    }
}

/// Everybody may go everywhere on this machine.
const SOCKS_RULES: &str = "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }";
