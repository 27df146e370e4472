//! Scripts for the engine: one scene for each rule of the protocol, section 2, and random ones.

use serde_json::{Value, json};
use towpath_session::{Envelope, Kind, Part, Side};

use super::player::Player;
use super::random;

pub(crate) fn content() -> Value {
    let mut scripts: Vec<Value> = scenes().into_iter().map(Player::end).collect();
    scripts.extend((1..=12).map(random::script));
    json!({ "scripts": scripts })
}

pub(crate) fn item(kind: Kind, sequence: u64, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Envelope::Item(Part {
        sequence,
        kind,
        payload,
    })
    .encode(&mut out);
    out
}

pub(crate) fn ack(received: u64, credit: u64) -> Vec<u8> {
    let mut out = Vec::new();
    Envelope::Ack { received, credit }.encode(&mut out);
    out
}

fn scenes() -> Vec<Player> {
    vec![
        acks(),
        quarter(),
        credit(),
        budget(),
        resume(),
        resume_from_nothing(),
        stale_acks(),
        reorder(),
        again(),
        breach(
            "an item beyond the credit",
            &[item(Kind::Binary, 1, &[0; 285])],
        ),
        breach(
            "an item too far ahead of order",
            &[item(Kind::Binary, 19, &[])],
        ),
        breach(
            "ahead of order and together beyond the credit",
            &[
                item(Kind::Binary, 3, &[0; 130]),
                item(Kind::Binary, 2, &[0; 130]),
            ],
        ),
        breach("an acknowledgement of what was not sent", &[ack(1, 300)]),
        breach(
            "a message within another",
            &[item(Kind::TextMore, 1, b"a"), item(Kind::Binary, 2, b"b")],
        ),
        breach(
            "an answer of the backend from the client",
            &[item(Kind::Opened, 1, b"{}")],
        ),
        breach(
            "an item behind the close",
            &[item(Kind::Close, 1, &[]), item(Kind::Text, 2, b"a")],
        ),
        breach(
            "behind the close, ahead of order",
            &[item(Kind::Text, 2, b"a"), item(Kind::Close, 1, &[])],
        ),
        answer(),
        refusal(),
        message_before_answer(),
        closing(),
        close_within_a_message(),
    ]
}

fn acks() -> Player {
    let mut player = Player::new(
        "an ack waits 50 ms for company and goes in front of it",
        Side::Gateway,
        1000,
    );
    player.attach(0, 1000);
    player.now = 10;
    player.receive(&item(Kind::Text, 1, b"one"));
    player.state();
    player.now = 59;
    player.transmit(1000);
    player.now = 60;
    player.transmit(1000);
    player.state();
    player.receive(&item(Kind::Text, 2, b"two"));
    player.push(Kind::Opened, b"{}");
    player.transmit(1000);
    player.receive(&item(Kind::Text, 2, b"two"));
    player.now = 110;
    player.transmit(1000);
    player.transmit(1000);
    player.ack();
    player
}

fn quarter() -> Player {
    let mut player = Player::new(
        "a quarter of the window taken is told at once",
        Side::Gateway,
        400,
    );
    player.attach(0, 1000);
    for sequence in 1..=4 {
        player.receive(&item(Kind::Binary, sequence, &[0; 59]));
    }
    player.now = 50;
    player.transmit(1000);
    player.now = 60;
    for _ in 0..2 {
        let cost = player.deliver().unwrap();
        player.consumed(cost);
        player.state();
    }
    player.transmit(1000);
    player
}

fn credit() -> Player {
    let mut player = Player::new("items wait for credit", Side::Client, 300);
    for _ in 0..4 {
        player.push(Kind::Binary, &[7; 34]);
    }
    player.state();
    player.transmit(1000);
    player.attach(0, 99);
    player.transmit(1000);
    player.receive(&ack(1, 149));
    player.transmit(1000);
    player.receive(&ack(1, 150));
    player.transmit(1000);
    player.receive(&ack(3, 200));
    player.transmit(1000);
    player.receive(&ack(4, 250));
    player
}

fn budget() -> Player {
    let mut player = Player::new("no more than the budget", Side::Client, 300);
    player.attach(0, 1000);
    for _ in 0..4 {
        player.push(Kind::Text, b"0123456789");
    }
    player.transmit(12);
    player.transmit(13);
    player.transmit(38);
    player.transmit(38);
    player.transmit(38);
    player
}

fn resume() -> Player {
    let mut player = Player::new(
        "what did not arrive goes out again, in order",
        Side::Client,
        300,
    );
    player.attach(0, 1000);
    for payload in [b"a", b"b", b"c", b"d"] {
        player.push(Kind::Text, payload);
    }
    player.transmit(1000);
    player.detach();
    player.push(Kind::Text, b"e");
    player.transmit(1000);
    player.now = 500;
    player.attach(2, 1000);
    player.transmit(1000);
    player.receive(&ack(4, 1000));
    player.attach(3, 1000);
    player.transmit(1000);
    player
}

fn resume_from_nothing() -> Player {
    let mut player = Player::new("resumed before the first message", Side::Client, 300);
    for _ in 0..3 {
        player.attach(0, 300);
        player.transmit(1000);
        player.detach();
    }
    player.push(Kind::Text, b"a");
    player.attach(0, 300);
    player.transmit(1000);
    player
}

fn stale_acks() -> Player {
    let mut player = Player::new("stale acks change nothing", Side::Client, 300);
    player.attach(0, 1000);
    for payload in [b"a", b"b", b"c"] {
        player.push(Kind::Text, payload);
    }
    player.transmit(1000);
    player.receive(&ack(2, 900));
    player.state();
    player.receive(&ack(1, 500));
    player.state();
    player.receive(&ack(3, 400));
    player
}

fn reorder() -> Player {
    let mut player = Player::new("any order, any number of times", Side::Gateway, 300);
    player.attach(0, 1000);
    for sequence in [3, 2, 3, 5, 1, 2, 4, 4, 1] {
        let payload = [u8::try_from(sequence).unwrap()];
        player.receive(&item(Kind::Binary, sequence, &payload));
        player.state();
    }
    while player.deliver().is_some() {}
    player.now = 50;
    player.transmit(1000);
    player
}

fn again() -> Player {
    let name = "the gateway says its ack once more when it is asked to";
    let mut player = Player::new(name, Side::Gateway, 300);
    player.attach(0, 1000);
    player.receive(&item(Kind::Text, 1, b"a"));
    player.now = 50;
    player.transmit(1000);
    player.attach(0, 1000);
    player.transmit(1000);
    player.receive(&[0x09, 0]);
    player.transmit(1000);
    player
}

fn breach(name: &str, envelopes: &[Vec<u8>]) -> Player {
    let mut player = Player::new(name, Side::Gateway, 300);
    player.attach(0, 1000);
    let (last, before) = envelopes.split_last().unwrap();
    for envelope in before {
        assert!(player.receive(envelope), "{name}");
    }
    assert!(!player.receive(last), "{name}");
    player
}

fn answer() -> Player {
    let mut player = Player::new("the answer of the backend comes first", Side::Client, 300);
    player.attach(0, 300);
    player.receive(&item(
        Kind::Opened,
        1,
        br#"{"protocol":"a","extensions":""}"#,
    ));
    player.receive(&item(Kind::TextMore, 2, b"h\xc3"));
    player.receive(&item(Kind::Text, 3, b"\xa9"));
    while player.deliver().is_some() {}
    player
}

fn refusal() -> Player {
    let mut player = Player::new("a refusal is the last but a close", Side::Client, 300);
    player.attach(0, 300);
    player.receive(&item(
        Kind::Refused,
        1,
        br#"{"status":403,"headers":[],"body":""}"#,
    ));
    player.receive(&item(Kind::Close, 2, &[]));
    while player.deliver().is_some() {}
    player
}

fn message_before_answer() -> Player {
    let mut player = Player::new(
        "a message before the answer of the backend",
        Side::Client,
        300,
    );
    player.attach(0, 300);
    assert!(!player.receive(&item(Kind::Text, 1, b"a")));
    player
}

fn closing() -> Player {
    let mut player = Player::new("nothing is taken behind a close", Side::Client, 300);
    player.attach(0, 300);
    player.push(Kind::Text, b"a");
    player.push(Kind::Close, &[3, 0xe8]);
    player.push(Kind::Text, b"b");
    player.transmit(1000);
    player.receive(&ack(1, 300));
    player.state();
    player.receive(&ack(2, 300));
    player
}

fn close_within_a_message() -> Player {
    let mut player = Player::new("a close within a message", Side::Client, 300);
    player.attach(0, 300);
    player.receive(&item(Kind::Opened, 1, b"{}"));
    player.receive(&item(Kind::BinaryMore, 2, b"half"));
    player.receive(&item(Kind::Close, 3, &[3, 0xee]));
    while player.deliver().is_some() {}
    player
}
