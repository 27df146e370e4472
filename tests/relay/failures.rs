//! Each failure that is known of Kosmi: what was said is told once and in order all the same, and the status says what was wrong.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::kosmi::{Kosmi, Server};
use crate::pair::{Pair, ROOM, assert_told, settings_of};
use crate::process::Relay;
use crate::settings;

fn side<'a>(status: &'a Value, name: &str) -> &'a Value {
    &status["sides"][name]
}

#[test]
fn a_sending_that_is_lost_or_unsure_is_there_once() {
    let pair = Pair::start("echo = \"300ms\", operation = \"1s\"");
    let mut expected = Vec::new();
    for trouble in ["swallow_sends", "vanish_before_sends", "vanish_after_sends"] {
        for count in [1, 2] {
            pair.near.trouble(&json!({ trouble: count }));
            let text = format!("{trouble} {count}");
            pair.brings(&text);
            expected.push(text);
        }
    }
    // It is kept and told, but the answer never comes.
    pair.near.trouble(&json!({ "unanswered": ["joinRoom"] }));
    pair.near.control("drop", &json!({}));
    pair.far.say(ROOM, "Ben", "behind a join without an answer");
    thread::sleep(Duration::from_millis(500));
    pair.near.trouble(&json!({ "unanswered": [] }));
    pair.near.hears(ROOM, "behind a join");
    expected.push("behind a join without an answer".to_owned());
    pair.relay.has_told_all();
    assert_told(&pair.near, &expected);
    // Nothing of our own came back.
    assert!(pair.far.told(ROOM).is_empty());
}

#[test]
fn what_is_said_while_the_connection_is_away_comes_in_order() {
    // A page of the history is short and slow, while new things are said.
    let near = Kosmi::start(Server::Lab);
    near.trouble(&json!({ "page": 3, "archive_delay_ms": 300 }));
    let pair = Pair::between(
        near,
        "silence = \"1s\", ping = \"300ms\", operation = \"1s\"",
    );
    pair.passes_on("before");
    let mut expected = vec!["before".to_owned()];
    let mut say = |text: String| {
        pair.near.say(ROOM, "Ann", &text);
        expected.push(text);
    };
    // A socket that died without a word.
    pair.near.control("mute", &json!({}));
    for number in 0..5 {
        say(format!("into the silence {number}"));
    }
    pair.far.hears(ROOM, "silence 4");
    pair.near.trouble(&json!({ "refuse": 503 }));
    pair.near.control("drop", &json!({}));
    for number in 0..10 {
        say(format!("in the outage {number}"));
    }
    pair.near.trouble(&json!({ "refuse": null }));
    for number in 0..10 {
        say(format!("while it comes back {number}"));
        thread::sleep(Duration::from_millis(50));
    }
    pair.far.hears(ROOM, "comes back 9");
    assert_told(&pair.far, &expected);
    let status = pair.relay.has_told_all();
    assert_eq!(
        side(&status, "kosmi.near")["heard"]["missed"],
        0,
        "{status:#}"
    );
}

#[test]
fn who_is_removed_from_a_room_comes_back() {
    let pair = Pair::start("");
    pair.near.control("remove", &json!({ "room": ROOM }));
    pair.near.say(ROOM, "Ann", "who is there?");
    pair.far.hears(ROOM, "who is there?");
    pair.brings("we are");
    let status = pair.relay.status();
    let trouble = side(&status, "kosmi.near")["last_trouble"].to_string();
    assert!(trouble.contains("remove"), "{trouble}");
}

#[test]
fn a_token_that_is_no_good_any_more_is_replaced() {
    let pair = Pair::start("");
    pair.near.control("revoke", &json!({}));
    pair.near.control("drop", &json!({}));
    pair.passes_on("seen by somebody new");
    pair.brings("said by somebody new");
    // As whom it was logged in before is still known as ourselves.
    assert_eq!(pair.far.told(ROOM).len(), 1);
    assert_eq!(pair.near.counts()["logins"], 2);
}

#[test]
fn a_server_that_closes_on_silent_clients_is_spoken_to() {
    let near = Kosmi::impatient("1");
    let pair = Pair::between(near, "silence = \"2s\", ping = \"300ms\"");
    thread::sleep(Duration::from_millis(2500));
    pair.passes_on("still here");
    let counts = pair.near.counts();
    assert_eq!(
        (&counts["silenced"], &counts["connections"]),
        (&json!(0), &json!(1))
    );
}

#[test]
fn a_refused_handshake_is_explained() {
    let near = Kosmi::start(Server::Lab);
    let far = Kosmi::start(Server::Lab);
    // The older name of the subprotocol, which the gate answers with an empty 403.
    let settings = settings_of(&near, &far, "")
        .replacen("graphql-transport-ws.toml", "graphql-ws.toml", 1)
        .replacen("via = \"direct\"", "via = \"auto\"\nbrowser = false", 1);
    let mut relay = Relay::start(&settings);
    let status = relay.until("no finding", |status| {
        let near = side(status, "kosmi.near");
        near["connection"]["why"]["finding"]["cause"] == "http-403-subproto"
    });
    let why = &side(&status, "kosmi.near")["connection"]["why"];
    assert!(why["remedy"].is_string(), "{why:#}");
    let (healthy, which) = relay.page("/healthz");
    assert!(
        healthy == 503 && which.contains("kosmi.near"),
        "{healthy} {which}"
    );
    // What is said to the refused side meanwhile waits, over the operator's correction too.
    far.say(ROOM, "Ben", "wait for it");
    relay.until("nothing waits", |status| {
        status["links"][0]["members"][0]["queue"]["waiting"] == 1
    });
    relay.configure(&settings_of(&near, &far, ""));
    relay.reload();
    near.hears(ROOM, "wait for it");
}

#[test]
fn a_room_that_is_not_there_stops_alone() {
    let near = Kosmi::start(Server::Lab);
    let far = Kosmi::start(Server::Lab);
    let settings = settings_of(&near, &far, "")
        + &settings::link(
            "lost",
            &[("kosmi.near", "@nowhere"), ("kosmi.far", "@somewhere")],
        );
    let relay = Relay::start(&settings);
    let status = relay.until("the room is not stopped", |status| {
        side(status, "kosmi.near")["rooms"]["@nowhere"]["state"] == "stopped"
    });
    let why = side(&status, "kosmi.near")["rooms"]["@nowhere"]["why"].to_string();
    assert!(
        why.contains("ROOM_NOT_FOUND") || why.contains("no such room"),
        "{why}"
    );
    relay.until("the other room is not entered", |status| {
        let is_in = |name: &str| side(status, name)["rooms"][ROOM]["state"] == "ready";
        is_in("kosmi.near") && is_in("kosmi.far")
    });
    let pair = Pair { near, far, relay };
    pair.passes_on("the other room goes on");
}
