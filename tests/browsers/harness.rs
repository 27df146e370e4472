//! The harness itself: each browser starts, shows pages over plain HTTP and reports.

use std::time::Duration;

use towpath_tests::support::Browser;
use towpath_tests::support::browser::{HARNESS, Kind};
use towpath_tests::support::http::{Reply, Server};

const PAGE: &str = r#"<!doctype html><script type="module">
import { run } from '/harness.js';
run(async () => {
  if (location.search === '?fails') throw new Error('as asked');
  localStorage.visits = Number(localStorage.visits ?? 0) + 1;
  return { agent: navigator.userAgent, visits: Number(localStorage.visits) };
}, 10);
</script>"#;

fn shows_pages(kind: Kind, token: &str) {
    let server = Server::start(|request| match request.path() {
        "/" => Reply::text("text/html", PAGE),
        "/harness.js" => Reply::text("text/javascript", HARNESS),
        _ => Reply::status(404),
    });
    let browser = Browser::start(kind, &[]);
    let url = format!("http://{}/", server.address());
    for visits in [1, 2] {
        let report = browser.visit(&url, PATIENCE).expect("the page reports");
        let agent = report["agent"].as_str().unwrap_or_default();
        assert!(agent.contains(token), "{agent}");
        assert_eq!(
            report["visits"], visits,
            "what a page stores lasts between visits"
        );
    }
    let failed = browser
        .visit(&format!("{url}?fails"), PATIENCE)
        .expect_err("the page fails");
    assert!(failed.contains("as asked"), "{failed}");
}

#[test]
fn browser_chromium_shows_pages() {
    shows_pages(Kind::Chromium, "Chrome/");
}

#[test]
fn browser_firefox_shows_pages() {
    shows_pages(Kind::Firefox, "Firefox/");
}

#[test]
fn browser_webkit_shows_pages() {
    shows_pages(Kind::WebKit, "AppleWebKit/");
}

const PATIENCE: Duration = Duration::from_secs(30);
