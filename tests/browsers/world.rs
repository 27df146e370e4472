//! What the tests of sessions in browsers stand on: a backend, a browser, and for each network a gateway.
//!
//! It knows no page and judges nothing.

use std::fs;

use tokio::runtime::Runtime;
use towpath_lab::{
    Inspector, NetworkOptions, RunningNetwork, Settings, Tls, find_networks, start_network,
};
use towpath_tests::boxes::{self, gateway};
use towpath_tests::support::browser::Kind;
use towpath_tests::support::certificates::Identity;
use towpath_tests::support::{Authority, Browser, Folder};

use crate::backend::Backend;

/// What stands still while a browser goes from network to network.
pub(crate) struct World {
    runtime: Runtime,
    backend: Backend,
    pub(crate) browser: Browser,
    /// In whose name networks inspect, and who signed for the gateway.
    trust: Option<(Inspector, Authority, Identity)>,
}

impl World {
    /// Whether the browser speaks TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.trust.is_some()
    }

    pub(crate) fn new(kind: Kind, tls: bool) -> Self {
        let folder = Folder::new();
        let trust = tls.then(|| {
            let inspector = Inspector::new().expect("keys can be made");
            folder.write("inspector.pem", &inspector.pem());
            let authority = Authority::new("Gateway");
            let identity = authority.issue(&["localhost", "127.0.0.1"]);
            (inspector, authority, identity)
        });
        let inspector = folder.path().join("inspector.pem");
        let gateway = trust.as_ref().map(|(_, authority, _)| authority.root());
        let roots: Vec<_> = gateway
            .iter()
            .flat_map(|root| [&**root, &*inspector])
            .collect();
        Self {
            runtime: Runtime::new().expect("threads can be had"),
            backend: Backend::start(),
            browser: Browser::start(kind, &roots),
            trust,
        }
    }

    /// What the backend heard under a key.
    pub(crate) fn heard(&self, key: &str) -> Vec<String> {
        self.backend.heard(key)
    }

    /// A fresh gateway, so that it has learned nothing of other networks, and the network before it.
    pub(crate) fn network(
        &self,
        name: &str,
        settings: Settings,
    ) -> (boxes::Running, RunningNetwork) {
        let port = self.backend.address().port();
        let reads_http = find_networks(name)
            .expect("the name is in the table")
            .iter()
            // Over HTTP/2 a browser needs no connection of its own for a WebSocket.
            .any(|network| network.reads_http || network.name == "hung-connect");
        let (gateway, options) = match &self.trust {
            None => {
                let gateway = gateway::configured(port, SETTINGS);
                let options = NetworkOptions {
                    upstream: Some(format!("127.0.0.1:{}", gateway.port)),
                    ..NetworkOptions::default()
                };
                (gateway, options)
            }
            Some((inspector, authority, identity)) => {
                let gateway = gateway::start_tls(port, identity, SETTINGS);
                let roots = fs::read_to_string(authority.root());
                let options = NetworkOptions {
                    upstream: Some(format!("https://127.0.0.1:{}", gateway.port)),
                    upstream_roots: roots.expect("the authority wrote it"),
                    // What need not read leaves the browser and the gateway their HTTP/2.
                    tls: if reads_http {
                        Tls::Inspected
                    } else {
                        Tls::Untouched
                    },
                    inspector: Some(inspector.clone()),
                    ..NetworkOptions::default()
                };
                (gateway, options)
            }
        };
        let options = NetworkOptions {
            settings,
            ..options
        };
        let network = self.runtime.block_on(start_network(name, options));
        (gateway, network.expect("the network starts"))
    }
}

/// Nobody is told to come back later.
const SETTINGS: &str = "drain_seconds = 0\n";
