//! Zero false alarms: two hundred visits of many kinds to a healthy network, and nobody is blamed.

use std::time::Duration;

use towpath_lab::Settings;
use towpath_tests::support::Browser;
use towpath_tests::support::browser::Kind;

use crate::world::World;

fn nobody_is_blamed(kind: Kind, network: &str, visits: u32) {
    let world = World::new();
    let browser = Browser::start(kind, &[]);
    let settings = Settings {
        round_trip: Some(FAR),
        ..Settings::default()
    };
    let place = world.place(network, settings);
    let url = format!(
        "{}healthy.html?count={visits}&wait=3000",
        place.network.url()
    );
    let told = browser.visit(&url, PATIENCE).expect("the page reports");
    assert_eq!(told["visits"], visits, "{told}");
    assert_eq!(told["failures"], serde_json::json!([]), "{told}");
    let blamed: Vec<_> = place
        .console
        .cases()
        .into_iter()
        .filter(|case| case["diagnosis"]["verdict"] == "fault")
        .collect();
    assert!(
        blamed.is_empty(),
        "{} of {visits}: {:#}",
        blamed.len(),
        blamed[0]
    );
    let reported = told["reports"].as_array().map_or(0, Vec::len);
    println!("{network}: {visits} visits, {reported} reports, no fault");
}

#[test]
fn browser_chromium_blames_nobody_on_a_healthy_network() {
    nobody_is_blamed(Kind::Chromium, "clear", 100);
}

#[test]
fn browser_firefox_blames_nobody_on_a_healthy_network() {
    nobody_is_blamed(Kind::Firefox, "clear", 100);
}

#[test]
fn browser_chromium_blames_nobody_on_a_slow_network() {
    nobody_is_blamed(Kind::Chromium, "far", 55);
}

/// As far as a satellite.
const FAR: Duration = Duration::from_millis(600);
const PATIENCE: Duration = Duration::from_secs(100);
