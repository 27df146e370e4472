//! Everything is killed at random, one at a time, while people talk at three ends: nothing is lost, doubled, or out of order. To
//! Matterbridge alone, which cannot be asked what it has, no more is doubled than the status counts as uncertain.
//!
//! `TOWPATH_CHAOS_SEED` repeats a run's order of kills, `TOWPATH_CHAOS_MESSAGES` sets how much is said at each end.

mod count;
mod talk;
mod witness;
mod world;

use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use towpath_tests::support::chance::Chance;

use crate::matter;

use count::{SOURCES, Wrong, told_of};
use talk::Speech;
use witness::Witness;
use world::{Victim, World};

const KOSMI_ROOM: &str = "@lounge";
const IRC_ROOM: &str = "#lounge";
const GATEWAY: &str = "lounge";

#[test]
fn chaos_loses_and_doubles_nothing() {
    let seed = number("TOWPATH_CHAOS_SEED").unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        u64::from(since.expect("it is after 1970").subsec_nanos())
    });
    let count = number("TOWPATH_CHAOS_MESSAGES").unwrap_or(MESSAGES);
    let count = usize::try_from(count).expect("a number of messages");
    println!("chaos of seed {seed}");
    let began = Instant::now();
    let mut world = World::start();
    let witness = Arc::new(Witness::start(world.irc_port()));
    witness.is_there();
    let talkers = talk(&world, &witness, count);
    let mut chance = Chance::new(seed);
    let mut kills: BTreeMap<Victim, usize> = BTreeMap::new();
    while talkers.iter().any(|talker| !talker.is_finished()) {
        // The first ones are fixed, so that even a short run has each.
        let turn = kills.values().sum::<usize>();
        let victim = match Victim::ALL.get(turn) {
            Some(victim) => *victim,
            None => Victim::ALL[usize::try_from(chance.below(4)).expect("it is small")],
        };
        thread::sleep(Duration::from_millis(chance.below(1500)));
        world.kill(victim, Duration::from_millis(chance.below(700)));
        world.recovers(victim);
        witness.is_there();
        *kills.entry(victim).or_default() += 1;
    }
    for talker in talkers {
        talker.join().expect("a talker said all it had to");
    }
    let status = settle(&world, &witness, count);
    let wrongs = judge(&world, &witness, count);
    let mut sum = Wrong::default();
    for (_, wrong) in &wrongs {
        sum += *wrong;
    }
    let killed: Vec<String> = kills
        .iter()
        .map(|(who, times)| format!("{who} {times}"))
        .collect();
    println!(
        "seed {seed}: {count} messages at each of 3 ends, killed: {}; {sum}; {:.0} s",
        killed.join(", "),
        began.elapsed().as_secs_f64()
    );
    for (own, wrong) in wrongs {
        let doubled = wrong.doubled;
        let as_told = Wrong {
            doubled,
            ..Wrong::default()
        };
        let may_double = if own == 'm' { uncertain(&status) } else { 0 };
        assert!(
            wrong == as_told && doubled <= may_double,
            "where {own} is at home: {wrong}; {may_double} were uncertain: {status:#}\n{}",
            world.relay.output()
        );
    }
}

/// How many messages to Matterbridge had an outcome that nobody can know: it shows no history of what it was told, so that one that
/// was under way at a kill is said again, as its setting has it.
fn uncertain(status: &Value) -> usize {
    let members = status["links"][0]["members"].as_array().expect("a link");
    let member = members.iter().find(|member| member["room"] == GATEWAY);
    let queue = &member.expect("the gateway is a member")["queue"];
    let uncertain = queue["uncertain"].as_u64().expect("a count");
    usize::try_from(uncertain).expect("a small count")
}

fn talk(world: &World, witness: &Arc<Witness>, count: usize) -> Vec<thread::JoinHandle<()>> {
    let speech = Speech {
        count,
        pause: PAUSE,
    };
    let gates = world.gates.clone();
    let (kosmi, irc) = (world.kosmi.port(), world.irc_port());
    let matterbridge = world.matterbridge.port;
    let (at_kosmi, at_irc) = (gates.clone(), gates.clone());
    let witness = Arc::clone(witness);
    vec![
        thread::spawn(move || speech.at_kosmi(kosmi, &at_kosmi.kosmi)),
        thread::spawn(move || speech.on_irc(irc, &at_irc.irc, &witness)),
        thread::spawn(move || speech.at_matterbridge(matterbridge, &gates.matterbridge)),
    ]
}

/// Waits until everything has been told, or nothing moves any more.
fn settle(world: &World, witness: &Witness, count: usize) -> Value {
    let mut best = 0;
    let mut moved = Instant::now();
    loop {
        let told: usize = rooms(world, witness)
            .iter()
            .flat_map(|(own, told)| {
                let others = SOURCES.into_iter().filter(move |source| source != own);
                others.map(|source| told_of(told, source))
            })
            .sum();
        if told > best {
            (best, moved) = (told, Instant::now());
        }
        let is_told = told >= count * 6;
        if moved.elapsed() > if is_told { QUIET } else { STUCK } {
            return world.relay.status();
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// What each room was told by the relay, with the source that is at home there.
fn rooms(world: &World, witness: &Witness) -> Vec<(char, Vec<String>)> {
    vec![
        ('k', world.kosmi.told(KOSMI_ROOM)),
        ('i', witness.heard(|nick| nick != "talker")),
        ('m', matter::told(world.matterbridge.port, GATEWAY)),
    ]
}

/// What each room was told wrongly, with the source that is at home there.
fn judge(world: &World, witness: &Witness, count: usize) -> Vec<(char, Wrong)> {
    let mut wrongs = Vec::new();
    for (own, told) in rooms(world, witness) {
        let mut sum = Wrong::default();
        for source in SOURCES.into_iter().filter(|source| *source != own) {
            let wrong = Wrong::of(&told, source, count);
            println!("from {source} to where {own} is at home: {wrong}");
            sum += wrong;
        }
        assert_eq!(
            told_of(&told, own),
            0,
            "what was said there came back: {told:?}"
        );
        wrongs.push((own, sum));
    }
    wrongs
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

/// Messages at each end where nothing else is said: what fits into the time that a test may take.
const MESSAGES: u64 = 300;
const PAUSE: Duration = Duration::from_millis(60);
/// How long nothing may come behind the last expected message, so that a second copy would show.
const QUIET: Duration = Duration::from_secs(2);
/// How long nothing moves before what is missing counts as lost.
const STUCK: Duration = Duration::from_secs(15);
