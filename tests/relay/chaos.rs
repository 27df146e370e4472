//! Everything is killed at random, one at a time, while people talk at three ends: nothing is lost, doubled, or out of order.
//!
//! Two things are nobody's fault here, and shown to be so each time: what Matterbridge, which cannot be asked what it has, took and did
//! not answer is repeated, as often as the status counts as uncertain; and a line that the IRC server told one and not the other when it
//! was killed is lost or doubled ([`torn`]).
//!
//! `TOWPATH_CHAOS_SEED` repeats a run's order of kills, `TOWPATH_CHAOS_MESSAGES` sets how much is said at each end. A thousand take about
//! a minute and a half, and a run that goes wrong names its journal:
//!
//! ```console
//! $ cargo build -p towpath
//! $ TOWPATH_CHAOS_MESSAGES=1000 cargo test -p towpath-tests --test relay -- --nocapture --exact chaos::chaos_loses_and_doubles_nothing
//! ```

mod count;
mod journal;
mod judge;
mod talk;
mod tap;
mod torn;
mod witness;
mod world;

use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use towpath_tests::support::chance::Chance;

use count::Wrong;
use judge::{rooms, settle};
use talk::Speech;
use torn::Torn;
use world::{Victim, World};

const KOSMI_ROOM: &str = "@lounge";
const IRC_ROOM: &str = "#lounge";
const GATEWAY: &str = "lounge";
/// Who speaks on IRC.
const TALKER: &str = "talker";

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
    world.witness.is_there();
    let talkers = talk(&world, count);
    let kills = kill_until(&mut world, seed, || {
        talkers.iter().all(JoinHandle::is_finished)
    });
    for talker in talkers {
        talker.join().expect("a talker said all it had to");
    }
    let judged = settle(&world, count);
    let torn = Torn::of(&world.tap.told(), &world.witness.heard());
    world.journal.note(format_args!("{torn:?}"));
    let whole = || {
        for (home, told) in rooms(&world) {
            let what = format_args!("where {home} is at home, in order: {told:?}");
            world.journal.note(what);
        }
        let (status, output) = (world.relay.status(), world.relay.output());
        format!("{status:#}\n{output}\n{}", world.journal.keep(seed))
    };
    let judged = judged.unwrap_or_else(|why| panic!("{why}\n{}", whole()));
    let mut sum = Wrong::default();
    for judged in &judged {
        println!("{judged}");
        sum += judged.wrong;
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
    assert!(sum.is_right(), "{sum}\n{}", whole());
}

/// Kills one after the other, and tells how often each.
fn kill_until(world: &mut World, seed: u64, is_over: impl Fn() -> bool) -> BTreeMap<Victim, usize> {
    let mut chance = Chance::new(seed);
    let mut kills: BTreeMap<Victim, usize> = BTreeMap::new();
    while !is_over() {
        // The first ones are fixed, so that even a short run has each.
        let turn = kills.values().sum::<usize>();
        let victim = match Victim::ALL.get(turn) {
            Some(victim) => *victim,
            None => Victim::ALL[usize::try_from(chance.below(4)).expect("it is small")],
        };
        thread::sleep(Duration::from_millis(chance.below(PEACE_MS)));
        world.kill(victim, Duration::from_millis(chance.below(AWAY_MS)));
        world.recovers(victim);
        *kills.entry(victim).or_default() += 1;
    }
    kills
}

fn talk(world: &World, count: usize) -> Vec<JoinHandle<()>> {
    let speech = Speech {
        count,
        pause: PAUSE,
    };
    let gates = world.gates.clone();
    let (kosmi, irc) = (world.kosmi.port(), world.irc_port());
    let matterbridge = world.matterbridge.port;
    let (at_kosmi, at_irc) = (gates.clone(), gates.clone());
    let witness = Arc::clone(&world.witness);
    vec![
        thread::spawn(move || speech.at_kosmi(kosmi, &at_kosmi.kosmi)),
        thread::spawn(move || speech.on_irc(irc, &at_irc.irc, &witness)),
        thread::spawn(move || speech.at_matterbridge(matterbridge, &gates.matterbridge)),
    ]
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

/// Messages at each end where nothing else is said: what fits into the time that a test may take.
const MESSAGES: u64 = 200;
const PAUSE: Duration = Duration::from_millis(50);
/// How long all is well between two kills at most, and how long what was killed stays away.
const PEACE_MS: u64 = 1_000;
const AWAY_MS: u64 = 700;
