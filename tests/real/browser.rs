//! A real Chromium beside this program: what it is let in for, and what that proves.

use towpath_tests::support::certificates::text;
use towpath_tests::support::{Authority, Check};

use crate::expect::{certain, likely};
use towpath_tests::boxes::node;

const SERVER: &str = "ws-browser-only.mjs";

/// The browser's page sets a cookie; its request, sent by this program, is bisected to that cookie.
#[test]
fn gets_in_by_its_cookie() {
    let server = node::start(SERVER, "--cookie session");
    let verdict = Check::of(&server.ws("/")).with_browser().run();
    certain("http-cookie-missing").hold(&verdict);
    verdict.assert_summary_names("Cookie");
    verdict.assert_nothing_holds("0123456789");
}

/// The browser's request, sent by this program, is refused all the same: what differs is no header.
#[test]
fn gets_in_by_its_hello() {
    let authority = Authority::new("Test");
    let server = node::start_tls(SERVER, "--grease", &authority.issue(&["localhost"]));
    let check = Check::of(&server.wss("/")).args(["--cacert", &text(&authority.root())]);
    let verdict = check.with_browser().run();
    likely("tls-fingerprint-filter").hold(&verdict);
    verdict.assert_summary_names("below HTTP");
}

/// The browser alone, where nothing is wrong.
#[test]
fn is_the_only_one_asked() {
    let server = node::echo();
    Check::of(&server.ws("/"))
        .with_only_the_browser()
        .run()
        .assert_healthy();
}
