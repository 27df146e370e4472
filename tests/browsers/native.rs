//! The lab's networks break what they say they break: a browser's own WebSocket through each, without a gateway.
//!
//! Without this, carrying messages through them would prove nothing.

use std::time::Duration;

use tokio::runtime::Runtime;
use towpath_lab::{NetworkOptions, RunningNetwork, Settings, start_network};
use towpath_tests::support::Browser;
use towpath_tests::support::browser::Kind;

use crate::backend::Backend;
use crate::report::{Report, query};
use crate::world::World;

/// Networks through which a WebSocket carries all messages.
const HEALTHY: &[&str] = &["clear", "far", "small-bodies", "hung-connect"];
/// Networks through which it does not.
const BROKEN: &[&str] = &[
    "refused",
    "hung",
    "stripped",
    "reset-at-frame",
    "mute",
    "mute-down",
    "mute-up",
    "buffered",
    "blocks",
    "cut-age",
    "cut-bytes",
    "jitter",
];

fn native(kind: Kind) {
    let runtime = Runtime::new().expect("threads can be had");
    let backend = Backend::start();
    let start = |name: &&str| {
        let options = NetworkOptions {
            upstream: Some(backend.address().to_string()),
            settings: Settings {
                period: Some(PERIOD),
                ..Settings::default()
            },
            ..NetworkOptions::default()
        };
        let started = runtime.block_on(start_network(name, options));
        started.expect("the network starts")
    };
    let networks: Vec<RunningNetwork> = HEALTHY.iter().chain(BROKEN).map(start).collect();
    let places: Vec<String> = networks.iter().map(RunningNetwork::url).collect();
    let url = format!(
        "http://{}/carry.html?{}&at={}",
        backend.address(),
        query(200, 5, 4),
        places.join(",")
    );
    let browser = Browser::start(kind, &[]);
    let reports = browser.visit(&url, PATIENCE).expect("the page reports");
    for (index, network) in networks.iter().enumerate() {
        let report = Report::of(&reports[index]);
        let is_healthy = HEALTHY.contains(&network.name());
        let name = network.name();
        assert_eq!(
            report.is_perfect(),
            is_healthy,
            "{name}: {}",
            report.story()
        );
    }
}

/// The gateway lets a browser's own WebSocket through, over TLS and HTTP/2 too.
fn through_the_gateway(kind: Kind) {
    for tls in [false, true] {
        let world = World::new(kind, tls);
        let (_gateway, network) = world.network("clear", Settings::default());
        let url = format!("{}carry.html?{}", network.url(), query(100, 2, 10));
        let report = world
            .browser
            .visit(&url, PATIENCE)
            .expect("the page reports");
        let report = Report::of(&report);
        assert!(report.is_perfect(), "{}", report.story());
    }
}

#[test]
fn browser_chromium_passes_through() {
    through_the_gateway(Kind::Chromium);
}

#[test]
fn browser_firefox_passes_through() {
    through_the_gateway(Kind::Firefox);
}

#[test]
fn browser_webkit_passes_through() {
    through_the_gateway(Kind::WebKit);
}

#[test]
fn browser_chromium_own_websocket() {
    native(Kind::Chromium);
}

#[test]
fn browser_firefox_own_websocket() {
    native(Kind::Firefox);
}

#[test]
fn browser_webkit_own_websocket() {
    native(Kind::WebKit);
}

/// Shorter than the carriage of all messages.
const PERIOD: Duration = Duration::from_millis(400);
const PATIENCE: Duration = Duration::from_secs(40);
