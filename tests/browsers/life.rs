//! Sessions in the life of a page: stood in for, in workers, left and come back to, left for good.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use towpath_lab::Settings;
use towpath_tests::support::browser::Kind;

use crate::report::Report;
use crate::world::World;

/// Shows a page behind a network; the page's result.
fn visit(world: &World, network: &str, page: &str) -> Result<Value, String> {
    let (_gateway, network) = world.network(network, Settings::default());
    let url = format!("{}{page}", network.url());
    let shown = world.browser.visit(&url, PATIENCE);
    shown.map_err(|error| format!("{page} through {}: {error}", network.name()))
}

/// The numbers from 1 to `count`, as pages send them.
fn numbers(count: u64) -> Value {
    (1..=count).map(|number| format!("c:{number}")).collect()
}

/// A page with one script tag keeps working although every WebSocket is reset at its first frame.
fn stands_in(kind: Kind) {
    let world = World::new(kind, false);
    let shown = visit(&world, "reset-at-frame", "stand-in.html").expect("the page reports");
    assert_eq!(shown["got"], numbers(20), "{shown}");
    assert_eq!(shown["isInstance"], true, "{shown}");
}

fn works_in_workers(kind: Kind) {
    let world = World::new(kind, false);
    for (network, worker) in [
        ("clear", "dedicated"),
        ("refused", "dedicated"),
        ("clear", "shared"),
        ("refused", "shared"),
    ] {
        let page = format!("worker.html?client={CLIENT}&kind={worker}");
        let shown = visit(&world, network, &page).expect("the page reports");
        let report = Report::of(&shown);
        assert!(
            report.is_perfect(),
            "{worker}, {network}: {}",
            report.story()
        );
    }
}

/// `is_kept`: whether this browser keeps a page with open connections while another is shown. Firefox does not: it
/// decides before it tells the page, which then cannot close them any more.
fn comes_back(kind: Kind, is_kept: bool) {
    let world = World::new(kind, false);
    for network in ["clear", "stripped", "buffered"] {
        let page = format!("return.html?client={CLIENT}");
        let shown = visit(&world, network, &page).expect("the page reports");
        assert_eq!(shown["kept"], is_kept, "{network}: {shown}");
        if is_kept {
            assert_eq!(shown["got"], numbers(60), "{network}: {shown}");
        }
    }
}

/// What `send` took before a close arrives, though the page is gone at once.
fn delivers_what_was_sent_before_leaving(kind: Kind) {
    let world = World::new(kind, false);
    for network in ["clear+far", "stripped+far", "buffered"] {
        let (_gateway, running) = world.network(network, Settings::default());
        let key = network.replace('+', "-");
        let url = format!("{}leave.html?client={CLIENT}&key={key}", running.url());
        world
            .browser
            .visit(&url, PATIENCE)
            .expect("the page reports");
        let began = Instant::now();
        let heard = loop {
            let heard = world.heard(&key);
            if heard.len() > 100 || began.elapsed() > PATIENCE {
                break heard;
            }
            sleep(Duration::from_millis(50));
        };
        let heard: Vec<&str> = heard
            .iter()
            .map(|text| {
                text.rsplit_once(':')
                    .map_or(text.as_str(), |(start, _)| start)
            })
            .collect();
        let mut expected: Vec<String> = (1..=100).map(|number| format!("c:{number}")).collect();
        expected.push("close 1000".to_owned());
        assert_eq!(heard, expected, "{network}");
    }
}

/// One test per row: a name and a case that a function plays.
macro_rules! tests {
    ($($name:ident => $case:expr;)+) => {
        $( #[test] fn $name() { $case } )+
    };
}

tests! {
    browser_chromium_stands_in => stands_in(Kind::Chromium);
    browser_firefox_stands_in => stands_in(Kind::Firefox);
    browser_webkit_stands_in => stands_in(Kind::WebKit);
    browser_chromium_works_in_workers => works_in_workers(Kind::Chromium);
    browser_firefox_works_in_workers => works_in_workers(Kind::Firefox);
    browser_webkit_works_in_workers => works_in_workers(Kind::WebKit);
    browser_chromium_comes_back => comes_back(Kind::Chromium, true);
    browser_firefox_comes_back => comes_back(Kind::Firefox, false);
    browser_webkit_comes_back => comes_back(Kind::WebKit, true);
    browser_chromium_delivers_before_leaving => delivers_what_was_sent_before_leaving(Kind::Chromium);
    browser_firefox_delivers_before_leaving => delivers_what_was_sent_before_leaving(Kind::Firefox);
    browser_webkit_delivers_before_leaving => delivers_what_was_sent_before_leaving(Kind::WebKit);
}

const CLIENT: &str = "/.towpath/towpath.js";
const PATIENCE: Duration = Duration::from_secs(45);
