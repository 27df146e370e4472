//! The conformance suite in real browsers: their own WebSocket as control, and Towpath's class over each transport.
//!
//! Only Chromium's own is a control: those of the others fail some cases, of malformed handshakes and frames.
//!
//! The cases are in `cases/*.js`. They ask what the standard asks, as far as a page and a backend can see it.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use towpath_tests::boxes::{gateway, here, node};
use towpath_tests::support::Browser;
use towpath_tests::support::browser::Kind;

/// Cases that the suite holds at least; fewer would mean that a file was left out.
const CASES_MIN: usize = 150;
const PATIENCE: Duration = Duration::from_secs(105);

/// Runs the suite in a browser. `query` chooses what is tested, `through` whether the gateway stands in between.
fn all_pass(kind: Kind, query: &str, through: bool) {
    let backend = node::start("conformance.mjs", "");
    let gateway = through.then(|| gateway::start(backend.port));
    let port = gateway
        .as_ref()
        .map_or(backend.port, |gateway| gateway.port);
    let browser = Browser::start(kind, &[]);
    let url = format!("http://localhost:{port}/conformance/page.html{query}");
    let results = browser.visit(&url, PATIENCE).expect("the suite runs");
    // A worker has neither document nor cookies.
    let skipped = if query.contains("worker") {
        "skipped"
    } else {
        ""
    };
    let results = results.as_array().expect("the suite gives a list");
    assert!(
        results.len() >= CASES_MIN,
        "only {} cases ran",
        results.len()
    );
    let not_passed: Vec<&Value> = results
        .iter()
        .filter(|result| result["outcome"] != "passed" && result["outcome"] != skipped)
        .collect();
    assert!(not_passed.is_empty(), "{not_passed:#?}");
}

/// Towpath's class as the gateway serves it, forced to a transport.
fn towpath(kind: Kind, transport: &str) {
    let query = format!("?client=/.towpath/towpath.js&transport={transport}");
    all_pass(kind, &query, true);
}

/// The same class in node, without a page's ways.
fn in_node(transport: &str) {
    let backend = node::start("conformance.mjs", "");
    let gateway = gateway::start(backend.port);
    let output = Command::new("node")
        .arg(here("conformance/node.mjs"))
        .args(["--base", &gateway.ws(""), "--transport", transport])
        .arg("--client")
        .arg(here("../client/src/towpath.js"))
        .output()
        .expect("node is installed");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && printed.contains(" cases"),
        "{printed}\n{errors}"
    );
}

#[test]
fn node_by_stream() {
    in_node("stream");
}

#[test]
fn node_by_poll() {
    in_node("poll");
}

#[test]
fn browser_chromium_itself() {
    all_pass(Kind::Chromium, "", false);
}

#[test]
fn browser_chromium_itself_through_the_gateway() {
    all_pass(Kind::Chromium, "", true);
}

#[test]
fn browser_chromium_by_what_wins_the_race() {
    all_pass(Kind::Chromium, "?client=/.towpath/towpath.js", true);
}

#[test]
fn browser_chromium_by_websocket() {
    towpath(Kind::Chromium, "websocket");
}

#[test]
fn browser_chromium_by_stream() {
    towpath(Kind::Chromium, "stream");
}

#[test]
fn browser_chromium_by_sse() {
    towpath(Kind::Chromium, "sse");
}

#[test]
fn browser_chromium_by_poll() {
    towpath(Kind::Chromium, "poll");
}

#[test]
fn browser_chromium_by_poll_in_a_worker() {
    towpath(Kind::Chromium, "poll&worker");
}

#[test]
fn browser_firefox_by_websocket() {
    towpath(Kind::Firefox, "websocket");
}

#[test]
fn browser_firefox_by_poll() {
    towpath(Kind::Firefox, "poll");
}

#[test]
fn browser_webkit_by_poll() {
    towpath(Kind::WebKit, "poll");
}
