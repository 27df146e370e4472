//! The demo as a user starts it: in every network the results arrive with Towpath, and without it only in healthy ones.

use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use towpath_tests::support::browser::{Browser, HARNESS, Kind};
use towpath_tests::support::http::{Reply, Server};
use towpath_tests::support::{Folder, Program, check};

/// A page that shows the demo through each position of its switch and reads what it shows.
const VIEWER: &str = include_str!("pages/demo.html");

#[test]
fn browser_chromium_s_results_arrive_in_every_network_of_the_demo() {
    let demo = Program::start(Folder::new(), Command::new(check::binary()).arg("demo"));
    let url = url_of(&demo);
    let server = Server::start(|request| match request.path() {
        "/" => Reply::text("text/html", VIEWER),
        "/harness.js" => Reply::text("text/javascript", HARNESS),
        _ => Reply::status(404),
    });
    let browser = Browser::start(Kind::Chromium, &[]);
    let viewer = format!(
        "http://{}/?demo={url}&networks={}",
        server.address(),
        NETWORKS.join(",")
    );
    let told = browser.visit(&viewer, PATIENCE).expect("the page reports");
    let networks = told.as_array().expect("one entry for each network");
    assert_eq!(networks.len(), NETWORKS.len(), "{told}");
    for network in networks {
        judge(network);
    }
}

fn judge(shown: &Value) {
    let arrived = |panel: &str| shown[panel]["count"].as_u64().unwrap_or(u64::MAX);
    assert_eq!(arrived("towpath"), 12, "{shown}");
    let findings = shown["answer"]["findings"].as_array().map_or(0, Vec::len);
    match shown["name"].as_str().unwrap_or_default() {
        "healthy" | "far" => assert_eq!((arrived("plain"), findings), (12, 0), "{shown}"),
        // A brief search is over before the network cuts; blocks come all at once at the very end.
        "cuts" | "drops" | "blocks" => {}
        _ => {
            assert_eq!(arrived("plain"), 0, "{shown}");
            assert!(findings > 0, "no cause is named: {shown}");
        }
    }
}

/// The positions of the switch.
const NETWORKS: [&str; 11] = [
    "healthy", "far", "refuses", "resets", "strips", "mute", "buffers", "blocks", "cuts", "drops",
    "inspects",
];

/// The address that the demo prints when all of it runs.
fn url_of(demo: &Program) -> String {
    let began = Instant::now();
    loop {
        let output = demo.output();
        let printed = output
            .split_once("Ctrl-C ends it.")
            .and_then(|(before, _)| {
                let lines = before.lines().map(str::trim);
                lines.rev().find(|line| line.starts_with("http://"))
            });
        if let Some(url) = printed {
            return url.to_owned();
        }
        assert!(began.elapsed() < START_TIME_MAX, "no address:\n{output}");
        sleep(Duration::from_millis(50));
    }
}

/// Three checks come first.
const START_TIME_MAX: Duration = Duration::from_mins(1);
const PATIENCE: Duration = Duration::from_secs(110);
