//! Forward proxies between the client and a gateway with TLS of its own: those that inspect, and those that tunnel.

use towpath_tests::boxes::{Running, forward, gateway, mitmproxy, node, squid};
use towpath_tests::support::Authority;

use crate::carry::Carry;

/// A gateway under the public authority, and the company's authority that an inspecting proxy signs with.
struct World {
    public: Authority,
    company: Authority,
    gateway: Running,
    _backend: Running,
}

impl World {
    fn start() -> Self {
        let backend = node::start("conformance.mjs", "");
        let public = Authority::new("Public Trust");
        let gateway = gateway::start_tls(backend.port, &public.issue(&["localhost"]), "");
        Self {
            company: Authority::new("Example Corp Security"),
            public,
            gateway,
            _backend: backend,
        }
    }

    /// Through a proxy that opens TLS.
    fn inspected(&self, proxy: &Running, name: &str) -> String {
        Carry::to(&self.gateway.wss("/both"))
            .through(&proxy.proxy())
            .trusting(&self.company.root())
            .run(name)
    }

    /// Through a proxy that leaves TLS alone.
    fn tunnelled(&self, proxy: &Running, name: &str) -> String {
        Carry::to(&self.gateway.wss("/both"))
            .through(&proxy.proxy())
            .trusting(&self.public.root())
            .run(name)
    }
}

#[test]
fn squid_strips_upgrade() {
    let world = World::start();
    let proxy = squid::inspecting(&world.company, &world.public, "");
    let transport = world.inspected(&proxy, "squid-bump-strips");
    assert_ne!(transport, "websocket");
}

/// The same, which gives up on a server that says nothing for five seconds.
#[test]
fn squid_strips_upgrade_and_cuts_what_is_quiet() {
    let world = World::start();
    let rules = "read_timeout 5 seconds\nrequest_timeout 5 seconds\nclient_lifetime 20 seconds";
    let proxy = squid::inspecting(&world.company, &world.public, rules);
    let transport = world.inspected(&proxy, "squid-bump-strips-5s");
    assert_ne!(transport, "websocket");
}

#[test]
fn squid_lets_upgrades_through() {
    let world = World::start();
    let rules = "http_upgrade_request_protocols websocket allow all";
    let proxy = squid::inspecting(&world.company, &world.public, rules);
    let transport = world.inspected(&proxy, "squid-bump-allows");
    assert_eq!(transport, "websocket");
}

#[test]
fn squid_tunnels() {
    let world = World::start();
    let proxy = squid::forward("http_access allow all");
    let transport = world.tunnelled(&proxy, "squid-tunnel");
    assert_eq!(transport, "websocket");
}

#[test]
fn mitmproxy_lets_upgrades_through() {
    let world = World::start();
    let proxy = mitmproxy::start(&world.company, &world.public, "");
    let transport = world.inspected(&proxy, "mitmproxy");
    assert_eq!(transport, "websocket");
}

/// mitmproxy keeps each whole response before it hands it on: without upgrades only finished responses help.
#[test]
fn mitmproxy_strips_upgrade_and_buffers() {
    let world = World::start();
    let proxy = mitmproxy::start(&world.company, &world.public, "strip");
    let transport = world.inspected(&proxy, "mitmproxy-strips");
    assert_eq!(transport, "poll");
}

/// The handshake passes and every message of the WebSocket is dropped.
#[test]
fn mitmproxy_drops_messages() {
    let world = World::start();
    let proxy = mitmproxy::start(&world.company, &world.public, "drop");
    let transport = world.inspected(&proxy, "mitmproxy-drops-messages");
    assert_ne!(transport, "websocket");
}

#[test]
fn tinyproxy_tunnels() {
    let world = World::start();
    let proxy = forward::tinyproxy("");
    world.tunnelled(&proxy, "tinyproxy");
}

#[test]
fn privoxy_tunnels() {
    let world = World::start();
    let proxy = forward::privoxy("");
    world.tunnelled(&proxy, "privoxy");
}
