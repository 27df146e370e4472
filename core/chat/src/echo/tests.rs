use super::*;
use crate::message::Author;

fn told(name: &str, text: &str) -> Outgoing {
    Outgoing {
        text: text.to_owned(),
        kind: Kind::Text,
        author: Author {
            name: name.to_owned(),
            ..Author::default()
        },
        reply_to: None,
        files: Vec::new(),
    }
}

fn heard(name: &str, text: &str) -> Message {
    Message {
        side: "irc.a".to_owned(),
        room: "#x".to_owned(),
        id: None,
        author: Author {
            name: name.to_owned(),
            ..Author::default()
        },
        kind: Kind::Text,
        text: text.to_owned(),
        at_unix_ms: 0,
        reply_to: None,
        files: Vec::new(),
    }
}

fn said_elsewhere() -> Message {
    Message {
        side: "kosmi.b".to_owned(),
        ..heard("bob", "the original")
    }
}

#[test]
fn another_bridge_is_heard_as_an_echo() {
    let mut guard = LoopGuard::new();
    guard.delivered(
        &told("bob", "[Kosmi] <b\u{200d}ob> hi"),
        &said_elsewhere(),
        0,
    );
    assert!(guard.is_echo(&heard("bridge", "[IRC] <towpath>  [Kosmi] <bob> hi"), 1_000));
    assert!(!guard.is_echo(&heard("bridge", "[Kosmi] <bob> h"), 1_000));
    assert!(!guard.is_echo(&heard("ann", "hi"), 1_000));
    assert_eq!(guard.dropped(), 1);
}

#[test]
fn a_text_without_its_author_is_no_echo() {
    let mut guard = LoopGuard::new();
    guard.delivered(
        &told("bob (Kosmi)", "a sentence to say"),
        &said_elsewhere(),
        0,
    );
    assert!(!guard.is_echo(&heard("ann", "a sentence to say"), 1));
    assert!(guard.is_echo(&heard("bob (Kosmi)", "a sentence to say"), 1));
    assert!(guard.is_echo(&heard("bridge", "<bob (Kosmi)> a sentence to say"), 1));
}

#[test]
fn people_may_repeat_themselves() {
    let mut guard = LoopGuard::new();
    let said = heard("bob", "a sentence to say");
    guard.delivered(&told("bob", "a sentence to say"), &said, 0);
    assert!(!guard.is_echo(&said, 1));
    assert!(!guard.is_echo(&heard("bob", "a sentence to say, again"), 1));
    let elsewhere = Message {
        room: "#y".to_owned(),
        ..said
    };
    assert!(guard.is_echo(&elsewhere, 1), "that is what was told there");
}

#[test]
fn what_is_short_or_long_ago_is_no_echo() {
    let mut guard = LoopGuard::new();
    guard.delivered(&told("", "ok"), &said_elsewhere(), 0);
    assert!(!guard.is_echo(&heard("ann", "ok then"), 1));
    guard.delivered(&told("bob", "[Kosmi] <bob> hi"), &said_elsewhere(), 0);
    assert!(guard.is_echo(&heard("x", "[Kosmi] <bob> hi"), ECHO_WITHIN_MS));
    assert!(!guard.is_echo(&heard("x", "[Kosmi] <bob> hi"), ECHO_WITHIN_MS + 1));
}

#[test]
fn it_remembers_only_so_much() {
    let mut guard = LoopGuard::new();
    for number in 0..=REMEMBERED_MAX {
        guard.delivered(
            &told("bob", &format!("<bob> number {number}.")),
            &said_elsewhere(),
            0,
        );
    }
    assert_eq!(guard.told.len(), REMEMBERED_MAX);
    assert!(!guard.is_echo(&heard("x", "<bob> number 0."), 1));
    assert!(guard.is_echo(&heard("x", "<bob> number 1."), 1));
}
