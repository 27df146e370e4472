//! A company's proxy that opens TLS and takes `Upgrade` out, between the program and a gateway: nothing is lost.

use std::time::Duration;

use towpath_tests::boxes::{Running, gateway, node, squid};
use towpath_tests::support::Authority;
use towpath_tests::support::certificates::text;
use towpath_tests::support::relay::{Habits, Relay};

use crate::client::{Came, Client};
use crate::program::{Dial, Home};

/// The proxy, the gateway behind it, and the backend.
struct Company {
    home: Home,
    root: String,
    proxy: Running,
    gateway: Running,
    _authorities: [Authority; 2],
    _backend: Running,
}

impl Company {
    /// With rules of Squid.
    fn start(rules: &str) -> Self {
        let backend = node::start("conformance.mjs", "");
        let (public, company) = (
            Authority::new("Public Trust"),
            Authority::new("Example Corp"),
        );
        let gateway = gateway::start_tls(backend.port, &public.issue(&["localhost"]), "");
        Self {
            home: Home::default(),
            root: text(&company.root()),
            proxy: squid::inspecting(&company, &public, rules),
            gateway,
            _authorities: [public, company],
            _backend: backend,
        }
    }

    /// A dial through a proxy on this port.
    fn dial(&self, proxy: u16) -> Dial {
        let proxy = format!("http://127.0.0.1:{proxy}");
        let url = self.gateway.wss("/");
        Dial::start(
            &self.home,
            &["--proxy", &proxy, "--cacert", &self.root, &url],
        )
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_messages_each_way_survive_cuts() {
    let company = Company::start("");
    let habits = Habits {
        life_below: Some(Duration::from_millis(1_500)),
        ..Habits::default()
    };
    let relay = Relay::start(company.proxy.port, 11, habits).await;
    let dial = company.dial(relay.port());
    let client = dial.ask(&format!("/both?count={COUNT}")).open().await;
    converse(client).await;
    let (way, why) = dial.way().await;
    assert_eq!(way, "gateway");
    assert!(why.contains("plain WebSockets do not pass"), "{why}");
    assert!(relay.cuts() >= 5, "{} cuts", relay.cuts());
}

/// The second connection knows the way already.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_is_remembered() {
    let company = Company::start("");
    let dial = company.dial(company.proxy.port);
    for _ in 0..2 {
        let mut client = dial.ask("/echo").open().await;
        client.echo("hello").await;
        client.farewell().await;
    }
    let opened = dial.told("opened", 2).await;
    assert!(
        opened.iter().all(|one| one["way"] == "gateway"),
        "{opened:#?}"
    );
}

/// A proxy that lets upgrades through needs no session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_upgrades_pass_the_proxy_is_enough() {
    let company = Company::start("http_upgrade_request_protocols websocket allow all");
    let dial = company.dial(company.proxy.port);
    let mut client = dial.ask("/echo").open().await;
    client.echo("hello").await;
    client.farewell().await;
    assert_eq!(dial.way().await.0, "proxy");
}

/// Sends numbers up, of which each comes back, while the backend sends numbers of its own.
async fn converse(mut client: Client) {
    let (mut down, mut back, mut sent) = (0, 0, 0);
    while down < COUNT || back < COUNT {
        // One up for each that came, so that both directions last equally long and cuts hit either.
        if sent < COUNT {
            client.text(&format!("up {sent}")).await;
            sent += 1;
        }
        let Came::Text(text) = client.next().await else {
            panic!("the local side stays open: {down} down, {back} back");
        };
        match text.split_once(' ') {
            Some(("down", number)) => {
                assert_eq!(number, down.to_string(), "in order, once");
                down += 1;
            }
            Some(("up", number)) => {
                assert_eq!(number, back.to_string(), "in order, once");
                back += 1;
            }
            _ => panic!("{text}"),
        }
    }
    assert_eq!((down, back), (COUNT, COUNT));
    client.farewell().await;
}

const COUNT: u32 = 1_000;
