//! The relay itself goes away and comes back.

use std::thread;
use std::time::Duration;

use towpath_tests::support::chance::Chance;

use crate::kosmi::{Kosmi, Server};
use crate::pair::{Pair, ROOM, assert_told, settings_of};
use crate::process::Relay;

#[test]
fn killed_at_any_moment_it_loses_and_doubles_nothing() {
    let mut pair = Pair::start("echo = \"1s\"");
    let mut chance = Chance::new(SEED);
    let mut expected = Vec::new();
    for round in 0..8 {
        for number in 0..10 {
            let text = format!("message {round}.{number}.");
            pair.near.say(ROOM, "Ann", &text);
            pair.far.say(ROOM, "Ben", &text);
            expected.push(text);
        }
        thread::sleep(Duration::from_millis(chance.below(120)));
        pair.relay.kill();
        pair.relay.go();
    }
    assert_told(&pair.far, &expected);
    assert_told(&pair.near, &expected);
    pair.relay.has_told_all();
}

#[test]
fn what_was_said_before_the_first_start_is_left_alone_and_what_came_later_is_not() {
    let near = Kosmi::start(Server::Lab);
    let far = Kosmi::start(Server::Lab);
    near.say(ROOM, "Ann", "long ago");
    let relay = Relay::ready(&settings_of(&near, &far, ""));
    let mut pair = Pair { near, far, relay };
    pair.passes_on("now");
    assert!(pair.relay.end(), "it did not end well");
    pair.near.say(ROOM, "Ann", "while it was away");
    pair.far.say(ROOM, "Ben", "at the other end too");
    pair.relay.go();
    pair.near.hears(ROOM, "at the other end too");
    let expected = ["now", "while it was away"].map(str::to_owned);
    assert_told(&pair.far, &expected);
}

#[test]
fn two_of_them_never_share_a_state() {
    let mut pair = Pair::start("");
    let config = pair.relay.config();
    let mut second = pair.relay.command(&["relay", "--config"]);
    let output = second.arg(config).output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("relay.sqlite"),
        "{said}"
    );
    pair.passes_on("the first goes on");
    assert!(pair.relay.end());
}

/// Any number does; this one repeats the same moments.
const SEED: u64 = 6;
