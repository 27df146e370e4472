//! Two IRC servers with a history, and everything between them cut at random: connections by resets, the relay by kills.

use std::thread;
use std::time::Duration;

use tokio::runtime::Runtime;
use towpath_tests::boxes::inspircd;
use towpath_tests::support::chance::Chance;
use towpath_tests::support::irc::Person;
use towpath_tests::support::relay::{Habits, Relay as Cutter};

use crate::process::Relay;
use crate::settings::{irc, link};

/// Lines said on each side.
const LINES: usize = 150;

/// Any number does; this one repeats the same cuts.
const SEED: u64 = 26;

#[test]
fn resets_and_kills_lose_and_double_nothing_between_servers_with_a_history() {
    let (near, far) = (inspircd::start(), inspircd::start());
    let ann = Person::join(near.port, "ann", &["#x"]);
    let ben = Person::join(far.port, "ben", &["#x"]);
    let runtime = Runtime::new().unwrap();
    let cutter = |port| runtime.block_on(Cutter::start(port, SEED, Habits::default()));
    let cutters = [cutter(near.port), cutter(far.port)];
    let members = [("irc.near", "#x"), ("irc.far", "#x")];
    let settings = [
        irc("near", cutters[0].port(), ""),
        irc("far", cutters[1].port(), ""),
        link("l", &members),
    ];
    let mut relay = Relay::ready(&settings.concat());
    let mut chance = Chance::new(SEED);
    for number in 0..LINES {
        ann.say("#x", &format!("line {number}."));
        ben.say("#x", &format!("line {number}."));
        thread::sleep(Duration::from_millis(chance.below(20)));
        match chance.below(60) {
            0 => {
                relay.kill();
                relay.go();
            }
            1..4 => cutters[usize::from(chance.below(2) == 0)].cut(),
            _ => {}
        }
    }
    let last = format!("line {}.", LINES - 1);
    ann.hears("#x", &last);
    ben.hears("#x", &last);
    relay.has_told_all();
    let expected: Vec<String> = (0..LINES).map(|number| format!("line {number}.")).collect();
    assert_eq!(told(&ben), expected, "said near");
    assert_eq!(told(&ann), expected, "said far");
    let cuts: u64 = cutters.iter().map(Cutter::cuts).sum();
    assert!(cuts > 2, "only {cuts} connections were cut");
}

/// What the relay told somebody, without the names.
fn told(person: &Person) -> Vec<String> {
    let lines = person.others("#x").into_iter();
    let words =
        lines.filter_map(|said| said.text.find("line ").map(|at| said.text[at..].to_owned()));
    words.collect()
}
