use super::*;
use crate::message::Author;

fn told(name: &str, text: &str) -> Outgoing {
    Outgoing {
        author: Author {
            name: name.to_owned(),
            ..Author::default()
        },
        ..Outgoing::text(text)
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

/// Tells some lines, each of which is over before the next; gives the time then.
fn pass(guard: &mut LoopGuard, lines: u64, mut now: i64) -> i64 {
    for number in 0..lines {
        let text = format!("[Kosmi] <eve> line {number} at {now}");
        guard.delivered(&told("eve", &text), &said_elsewhere(), now);
        now += ECHO_WITHIN_MS + 1;
    }
    now
}

#[test]
fn whoever_speaks_and_lets_lines_pass_may_quote_one() {
    let mut guard = LoopGuard::new();
    assert!(!guard.is_echo(&heard("ann", "good morning"), 0));
    let quote = heard("ann", "look: [Kosmi] <bob> hello there");
    let quotes = |guard: &mut LoopGuard, now| {
        guard.delivered(
            &told("bob", "[Kosmi] <bob> hello there"),
            &said_elsewhere(),
            now,
        );
        !guard.is_echo(&quote, now + 1)
    };
    let now = pass(&mut guard, PASSED_MIN, 0);
    assert!(quotes(&mut guard, now));
    let now = pass(&mut guard, PASSED_MIN, now);
    assert!(!quotes(&mut guard, now), "that would be a bridge's habit");
    let now = pass(&mut guard, PASSED_AGAIN_MIN, now);
    assert!(quotes(&mut guard, now));
    assert_eq!(guard.dropped(), 1);
}

#[test]
fn a_bridge_is_never_taken_for_a_person() {
    let mut guard = LoopGuard::new();
    let mut now = 0;
    for number in 0..100 {
        // It brings what was said in a third room, too.
        assert!(!guard.is_echo(&heard("bridge", &format!("<dave> number {number}")), now));
        let text = format!("[Kosmi] <bob> number {number}.");
        guard.delivered(&told("bob", &text), &said_elsewhere(), now);
        let echo = heard("bridge", &format!("<towpath> {text}"));
        assert!(guard.is_echo(&echo, now + 1_000), "{number}");
        now += 2 * ECHO_WITHIN_MS;
    }
    // Where names stand apart it has one for each author.
    let mut guard = LoopGuard::new();
    assert!(!guard.is_echo(&heard("bob", "good morning"), 0));
    let now = pass(&mut guard, PASSED_MIN, 0);
    guard.delivered(&told("bob", "a sentence to say"), &said_elsewhere(), now);
    assert!(guard.is_echo(&heard("bob", "a sentence to say"), now));
}

#[test]
fn what_two_relays_tell_each_other_ends_soon() {
    // Each hears the other as somebody who once spoke like a person, which is the worst that may be.
    let mut guards = [LoopGuard::new(), LoopGuard::new()];
    let mut now = 0;
    for guard in &mut guards {
        assert!(!guard.is_echo(&heard("other", "good morning"), 0));
        now = pass(guard, PASSED_MIN, 0);
    }
    // What was said in one room, both tell in the other; each hears the other's line.
    let mut lines: Vec<(usize, String)> = (0..2).map(|by| (by, "<bob> hello".to_owned())).collect();
    for (by, line) in &lines {
        guards[*by].delivered(&told("bob", line), &said_elsewhere(), now);
    }
    let mut told_again = 0;
    while let Some((by, line)) = lines.pop() {
        let hearer = 1 - by;
        if guards[hearer].is_echo(&heard("other", &line), now) {
            continue;
        }
        told_again += 1;
        assert!(told_again < 10, "it goes round");
        let line = format!("<other> {line}");
        guards[hearer].delivered(&told("other", &line), &heard("other", ""), now);
        lines.push((hearer, line));
    }
    assert_eq!(told_again, 2);
}

#[test]
fn it_remembers_only_so_many_people() {
    let mut guard = LoopGuard::new();
    for number in 0..2 * SPEAKERS_MAX {
        guard.is_echo(&heard(&number.to_string(), "good morning"), 0);
    }
    assert_eq!(guard.speakers.len(), SPEAKERS_MAX);
}
