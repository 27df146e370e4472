//! What a relay has to do whatever server is at its Kosmi end: the lab's stand-in, and two that nobody here wrote.

use serde_json::json;

use crate::kosmi::{Kosmi, Server};
use crate::pair::{Pair, ROOM, assert_told};

#[test]
fn between_the_labs() {
    all_of(Server::Lab);
}

#[test]
fn to_the_labs_older_generation() {
    all_of(Server::LabLegacy);
}

#[test]
fn to_npm_graphql_ws() {
    all_of(Server::Npm);
}

#[test]
fn to_npm_subscriptions_transport_ws() {
    all_of(Server::NpmLegacy);
}

fn all_of(server: Server) {
    let pair = Pair::between(Kosmi::start(server), "");
    let expected = lines(&pair, 40);
    edits_and_deletes(&pair);
    hostile_texts(&pair);
    a_gap(&pair);
    assert!(pair.far.told(ROOM).len() > expected);
    let status = pair.relay.has_told_all();
    for member in status["links"][0]["members"].as_array().expect("a link") {
        assert_eq!(member["queue"]["given_up"], json!({}), "{status:#}");
    }
}

/// Many lines both ways at once, each once and in order; nothing of our own comes back.
fn lines(pair: &Pair, count: usize) -> usize {
    let expected: Vec<String> = (0..count).map(|number| format!("line {number}.")).collect();
    for line in &expected {
        pair.near.say(ROOM, "Ann", line);
        pair.far.say(ROOM, "Ben", line);
    }
    assert_told(&pair.far, &expected);
    assert_told(&pair.near, &expected);
    count
}

fn edits_and_deletes(pair: &Pair) {
    let id = pair.near.say(ROOM, "Ann", "a slip of the pun");
    pair.far.hears(ROOM, "slip of the pun");
    pair.near.control(
        "edit",
        &json!({ "room": ROOM, "id": id, "text": "a slip of the pen" }),
    );
    pair.far.hears(ROOM, "slip of the pen");
    pair.near
        .control("delete", &json!({ "room": ROOM, "id": id }));
    // It is told without a name there.
    pair.far.hears(ROOM, "Ann took back a message");
}

/// Whatever is written comes out as one message with its words, and breaks nothing.
fn hostile_texts(pair: &Pair) {
    for (number, text) in [
        "quotes \" and \\ and \u{0} and \u{1}ACTION x\u{1}",
        "a mutation } { joinRoom(id: \"@x\") { ok }",
        "lines\r\nPRIVMSG #x :of another\r\nprotocol",
        "\u{202e}turned round\u{202c} and zero\u{200b}width",
        "emoji 👩‍👩‍👧‍👦 and ZWJ, é decomposed e\u{301}",
    ]
    .iter()
    .enumerate()
    {
        let before = pair.far.told(ROOM).len();
        pair.near
            .say(ROOM, "Ann\r\nBen", &format!("{text} end{number}"));
        let told = pair.far.hears(ROOM, &format!("end{number}"));
        assert!(
            !told.contains(['\u{0}', '\u{1}', '\u{202e}', '\r']),
            "{told:?}"
        );
        assert_eq!(pair.far.told(ROOM).len(), before + 1, "{told:?}");
    }
}

/// What is said while the connection is away is told once it is back.
fn a_gap(pair: &Pair) {
    pair.near.control("drop", &json!({}));
    for number in 0..5 {
        pair.near.say(ROOM, "Ann", &format!("in the gap {number}"));
    }
    pair.far.hears(ROOM, "in the gap 4");
    let told = pair.far.told(ROOM);
    let gap: Vec<&String> = told
        .iter()
        .filter(|text| text.contains("in the gap"))
        .collect();
    assert_eq!(gap.len(), 5, "{gap:#?}");
    let in_order = gap.windows(2).all(|two| two[0] < two[1]);
    assert!(in_order, "{gap:#?}");
    pair.brings("and back");
}
