//! Whose a report is, and what it becomes.

use serde_json::json;
use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::{Fact, Verdict};

use towpath_session::Envelope;
use towpath_session::body::Secret;
use towpath_session::item::{Kind, Part};

use crate::client::{World, fallen_back};
use crate::raw::{Socket, ack, attach, attached, fresh};

/// A WebSocket request that lost its upgrade on the way.
async fn stripped(world: &World) {
    let more = format!(
        "Origin: {}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        world.origin()
    );
    let path = "/echo/.towpath/websocket?4f9k2m";
    let answer = world.ask("GET", path, &more, b"").await;
    assert_eq!(answer.status, 426, "{answer:?}");
}

#[tokio::test]
async fn both_sides_of_a_session_come_together_under_its_code() {
    let world = World::start(|_| {}).await;
    stripped(&world).await;
    let granted = world.session(1, "4f9k2m").await;
    assert!(granted.report, "the page is asked to report");
    let report = fallen_back(&json!({ "token": granted.token }), "4f9k2m");
    let answer = world.report(&report).await;
    let told = answer.json();
    assert_eq!(answer.code(), granted.session.replace('-', ""));
    assert_eq!(told["verdict"], "fault", "{told:#}");
    assert_eq!(told["works"], json!(["poll"]));
    assert_eq!(told["network"], "127.0.0.0/24");
    let finding = &told["findings"][0];
    assert_eq!(finding["cause"], "http-upgrade-stripped", "{finding:#}");
    let remedy = finding["remedy"]["it"].as_str().unwrap();
    assert!(!remedy.contains("{host}"), "{remedy}");

    let case = world.case(&answer.code()).unwrap();
    assert!(case.from_page && case.diagnosis.verdict == Verdict::Fault);
    assert_eq!((&*case.transport, &*case.browser), ("poll", "Firefox 140"));
    let facts: Vec<_> = case.observations.iter().collect();
    assert!(facts.is_sorted_by_key(|one| one.at_ms), "{facts:#?}");
    assert!(
        facts
            .iter()
            .any(|one| matches!(&one.fact, Fact::Arrival(arrival) if arrival.lost_its_upgrade()))
    );
    let pages = facts
        .iter()
        .filter(|one| one.vantage == Vantage::Page)
        .count();
    assert_eq!(pages, 3);
    let text = serde_json::to_string(&case).unwrap();
    assert!(!text.contains(&granted.token.text()), "no proof is kept");
    assert!(!text.contains("liar"), "the request's Origin counts");
}

#[tokio::test]
async fn a_later_report_takes_the_place_of_the_earlier() {
    let world = World::start(|_| {}).await;
    let granted = world.session(1, "4f9k2m").await;
    let mut report = fallen_back(&json!({ "token": granted.token }), "4f9k2m");
    let first = world.report(&report).await.code();
    report["attempts"].as_array_mut().unwrap().remove(0);
    report["now"] = json!(9_000);
    assert_eq!(world.report(&report).await.code(), first);
    let case = world.case(&first).unwrap();
    let attempts = case.observations.iter();
    let attempts = attempts.filter(|one| matches!(one.fact, Fact::Attempt(_)));
    assert_eq!(attempts.count(), 1);
    assert_eq!(world.store().count().unwrap(), 1);
}

#[tokio::test]
async fn a_page_that_never_attached_is_found_by_its_attempt() {
    let world = World::start(|_| {}).await;
    stripped(&world).await;
    let nonce = json!({ "fresh": "AAAAAAAAAAAAAAAAAAAAAA" });
    let answer = world.report(&fallen_back(&nonce, "4f9k2m")).await;
    let case = world.case(&answer.code()).unwrap();
    assert!(
        case.observations
            .iter()
            .any(|one| matches!(one.fact, Fact::Arrival(_)))
    );
    // What becomes of it later goes on under the same code.
    let granted = world.session(7, "4f9k2m").await;
    assert_eq!(granted.session.replace('-', ""), answer.code());
}

#[tokio::test]
async fn the_nonce_of_a_session_proves_it_too_and_so_does_its_token_when_it_is_over() {
    let world = World::start(|_| {}).await;
    let mut socket = Socket::open(world.address, "/echo/.towpath/websocket").await;
    socket
        .say(&[Envelope::Attach(&attach(fresh(1), 1, true).json())])
        .await;
    let granted = attached(&[socket.next().await.unwrap()]);
    let code = granted.session.replace('-', "");
    let nonce = json!({ "fresh": Secret([1; 16]).text() });
    let answer = world.report(&fallen_back(&nonce, "4f9k2m")).await;
    assert_eq!(answer.code(), code);
    assert_eq!(socket.item().await.1, Kind::Opened);
    let goodbye = Envelope::Item(Part {
        sequence: 1,
        kind: Kind::Close,
        payload: &[0x03, 0xe8],
    });
    socket.say(&[goodbye]).await;
    assert_eq!(socket.item().await.1, Kind::Close);
    socket.say(&[ack(2)]).await;
    world
        .metric("towpath_sessions_ended_total{outcome=\"close\"}", 1)
        .await;
    let token = json!({ "token": granted.token });
    let answer = world.report(&fallen_back(&token, "4f9k2m")).await;
    assert_eq!(answer.code(), code);
}

#[tokio::test]
async fn nobody_adds_to_the_case_of_another() {
    let world = World::start(|_| {}).await;
    let granted = world.session(1, "4f9k2m").await;
    let own = world
        .report(&fallen_back(&json!({ "token": granted.token }), "4f9k2m"))
        .await;
    let before = world.case(&own.code()).unwrap();
    for session in [
        json!({ "token": "BBBBBBBBBBBBBBBBBBBBBB" }),
        json!({ "token": granted.session }),
        json!({ "check": granted.token }),
        json!({ "check": "../../etc/passwd" }),
        json!(null),
        json!({}),
    ] {
        let answer = world.report(&fallen_back(&session, "4f9k2m")).await;
        assert_ne!(answer.code(), own.code(), "{session}");
    }
    let after = world.case(&own.code()).unwrap();
    assert_eq!(before.observations.len(), after.observations.len());
}

#[tokio::test]
async fn a_run_of_the_check_page_reports_by_its_key() {
    let world = World::start(|_| {}).await;
    let origin = format!("Origin: {}\r\n", world.origin());
    let begun = world
        .ask("POST", "/.towpath/probe/begin", &origin, b"{}")
        .await
        .json();
    let report = json!({
        "version": 1, "session": { "check": begun["key"] }, "attempt": begun["attempt"], "now": 900,
        "tests": [
            { "at": 0, "test": { "test": "fetch" }, "outcome": { "outcome": "passed" }, "elapsed_ms": 10 },
            { "at": 20, "test": { "test": "socket_text" }, "outcome": { "outcome": "not_opened", "after_ms": 5 }, "elapsed_ms": 5 },
            { "at": 30, "test": { "test": "stream" }, "outcome": { "outcome": "passed" }, "elapsed_ms": 500 },
        ],
    });
    let answer = world.report(&report).await;
    assert_eq!(answer.json()["code"], begun["code"]);
    assert_eq!(answer.json()["works"], json!(["stream"]));
    let case = world.case(&answer.code()).unwrap();
    assert_eq!(case.kind, towpath_reports::CaseKind::Check);
    // The attempt id alone, which stands in URLs, proves nothing.
    let mut other = report.clone();
    other["session"] = json!(null);
    assert_ne!(world.report(&other).await.json()["code"], begun["code"]);
}

#[tokio::test]
async fn a_session_reports_at_most_twenty_times() {
    let world = World::start(|_| {}).await;
    let granted = world.session(1, "4f9k2m").await;
    let report = fallen_back(&json!({ "token": granted.token }), "4f9k2m");
    for _ in 0..20 {
        assert_eq!(world.report(&report).await.status, 200);
    }
    let answer = world.report(&report).await;
    assert_eq!(answer.status, 429);
    assert!(
        answer.head.to_ascii_lowercase().contains("retry-after: "),
        "{answer:?}"
    );
}
