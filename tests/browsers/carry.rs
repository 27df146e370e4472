//! Messages both ways through every bad network, in each browser: complete, in order, once.
//!
//! Every network stands between the browser and a gateway of its own; the page comes through it too.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use towpath_lab::{RunningNetwork, Settings};
use towpath_tests::carried::{self, Carried};
use towpath_tests::support::browser::Kind;

use crate::report::{Report, query};
use crate::world::World;

/// One network, and what a session is expected to make of it.
struct Case {
    network: &'static str,
    /// Over what the last message may come.
    over: &'static [&'static str],
    settings: Settings,
    /// Milliseconds between two messages of one side.
    pace: u64,
    /// How long it takes to see that a better transport does not work, in milliseconds. Only what was seen is
    /// remembered, so that the first visit has to last as long.
    fails_after_ms: u64,
}

const fn case(network: &'static str, over: &'static [&'static str]) -> Case {
    Case {
        network,
        over,
        settings: Settings {
            period: None,
            bytes: None,
            round_trip: None,
        },
        pace: 1,
        fails_after_ms: 0,
    }
}

/// Messages that take longer than two of the network's periods.
const fn in_time(network: &'static str, over: &'static [&'static str], period: Duration) -> Case {
    Case {
        settings: Settings {
            period: Some(period),
            bytes: None,
            round_trip: None,
        },
        pace: 15,
        ..case(network, over)
    }
}

const fn slow(network: &'static str, over: &'static [&'static str], fails_after_ms: u64) -> Case {
    Case {
        fails_after_ms,
        ..case(network, over)
    }
}

const WEBSOCKET: &[&str] = &["websocket"];
const STREAM: &[&str] = &["stream"];
const POLL: &[&str] = &["poll"];
const ANY: &[&str] = &["websocket", "stream", "sse", "poll"];

const CASES: &[Case] = &[
    case("clear", WEBSOCKET),
    case("far", WEBSOCKET),
    case("refused", STREAM),
    slow("hung", STREAM, 2500),
    // Where a browser offers HTTP/2 for its WebSockets too, the network cannot tell them.
    case("hung-connect", &["websocket", "stream"]),
    case("stripped", STREAM),
    case("reset-at-frame", STREAM),
    slow("mute", STREAM, 2500),
    slow("mute-down", STREAM, 2500),
    slow("mute-up", STREAM, 2500),
    slow("buffered", POLL, 3500),
    case("refused+blocks", POLL),
    case("blocks", POLL),
    case("stripped+small-bodies+far", STREAM),
    case("cut-bytes", ANY),
    case("refused+cut-bytes", &["stream", "sse", "poll"]),
    in_time("cut-age", ANY, CUT),
    in_time("refused+cut-age", &["stream", "sse", "poll"], CUT),
    in_time("jitter", ANY, JITTER),
];

/// Both visits through one network; what was wrong with them.
fn play(world: &World, case: &Case) -> Vec<String> {
    let (_gateway, network) = world.network(case.network, case.settings);
    let mut wrongs = Vec::new();
    for (visit, count) in [(1, COUNT), (2, COUNT_AGAIN)] {
        if visit > 1 && case.network.contains("jitter") {
            wait_for_calm(&network);
        }
        let query = query(count, case.pace, SECONDS);
        // Once is enough: TLS makes no difference to what is remembered.
        let lasts = visit == 1 && !world.is_secure();
        let lasting = if lasts { case.fails_after_ms } else { 0 };
        let url = format!(
            "{}carry.html?{query}&client={CLIENT}&lasting={lasting}",
            network.url()
        );
        let wrong = match world.browser.visit(&url, PATIENCE) {
            Ok(report) => judge(world, case, visit, count, &Report::of(&report)),
            Err(error) => Some(error),
        };
        wrongs.extend(wrong.map(|wrong| format!("{} visit {visit}: {wrong}", case.network)));
    }
    wrongs
}

fn judge(world: &World, case: &Case, visit: u32, count: u64, report: &Report) -> Option<String> {
    let carried = Carried {
        client: world.browser.kind().name().to_owned(),
        network: case.network.to_owned(),
        tls: world.is_secure(),
        visit,
        transport: report.transport.clone(),
        first_ms: report.first_ms.unwrap_or(u64::MAX),
        // Sent, echoed, and sent by the backend.
        sent: 3 * count,
        lost: report.lost,
        doubled: report.doubled,
        reordered: report.reordered,
    };
    carried::record(&carried).expect("the notes are writable");
    println!("{} visit {visit}: {}", case.network, report.story());
    let is_expected = case.over.contains(&report.transport.as_str());
    (!report.is_perfect() || !is_expected).then(|| report.story())
}

/// Waits until an outage has just ended, so that a page can load.
fn wait_for_calm(network: &RunningNetwork) {
    let is_calm = || {
        let mut answer = [0; 1];
        TcpStream::connect(network.address())
            .and_then(|mut tcp| {
                tcp.set_read_timeout(Some(Duration::from_millis(200)))?;
                tcp.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")?;
                tcp.read_exact(&mut answer)
            })
            // A TLS server waits for more than that; only an outage resets.
            .map_or_else(
                |error| error.kind() == std::io::ErrorKind::WouldBlock,
                |()| true,
            )
    };
    while is_calm() {
        sleep(Duration::from_millis(50));
    }
    while !is_calm() {
        sleep(Duration::from_millis(50));
    }
}

fn carries(kind: Kind, tls: bool) {
    let world = World::new(kind, tls);
    let only = std::env::var("TOWPATH_NETWORK").ok();
    let wrongs: Vec<String> = CASES
        .iter()
        .filter(|case| only.as_deref().is_none_or(|only| only == case.network))
        // Only TLS tells this network what a connection is for.
        .filter(|case| tls || case.network != "hung-connect")
        .flat_map(|case| play(&world, case))
        .collect();
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}

#[test]
fn browser_chromium_carries() {
    carries(Kind::Chromium, false);
}

#[test]
fn browser_chromium_carries_over_tls() {
    carries(Kind::Chromium, true);
}

#[test]
fn browser_firefox_carries() {
    carries(Kind::Firefox, false);
}

#[test]
fn browser_firefox_carries_over_tls() {
    carries(Kind::Firefox, true);
}

#[test]
fn browser_webkit_carries() {
    carries(Kind::WebKit, false);
}

#[test]
fn browser_webkit_carries_over_tls() {
    carries(Kind::WebKit, true);
}

const CLIENT: &str = "/.towpath/towpath.js";
/// Messages of each side on the first visit.
const COUNT: u64 = 200;
/// And on the second, which is about the time to the first message.
const COUNT_AGAIN: u64 = 10;
/// How long a page tries, in seconds.
const SECONDS: u64 = 25;
const PATIENCE: Duration = Duration::from_mins(1);
const CUT: Duration = Duration::from_millis(1200);
/// Long enough for a page to load between two outages.
const JITTER: Duration = Duration::from_millis(2500);
