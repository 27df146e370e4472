//! What became of all that was said, once nothing moves any more. It must never excuse what cannot be shown to be nobody's fault here.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use towpath_tests::support::irc::Said;

use crate::matter;

use super::count::{Excused, SOURCES, Wrong, told_of};
use super::torn::Torn;
use super::world::World;
use super::{GATEWAY, KOSMI_ROOM, TALKER};

/// Waits until everything has been told, or nothing moves any more.
pub(super) fn settle(world: &World, count: usize) -> Result<Vec<Judged>, String> {
    let mut best = 0;
    let mut moved = Instant::now();
    loop {
        let rooms = rooms(world);
        let told = rooms
            .iter()
            .flat_map(|(_, told)| SOURCES.map(|source| told_of(told, source)))
            .sum();
        if told > best {
            (best, moved) = (told, Instant::now());
        }
        let judged = judge(world, &rooms, count);
        let is_told = judged
            .as_ref()
            .is_ok_and(|judged| judged.iter().all(|judged| judged.wrong.lost == 0));
        if moved.elapsed() > if is_told { QUIET } else { STUCK } {
            return judged;
        }
        thread::sleep(BEAT);
    }
}

/// What each room was told by the relay, with the source that is at home there.
pub(super) fn rooms(world: &World) -> Vec<(char, Vec<String>)> {
    let heard = world.witness.heard();
    vec![
        ('k', world.kosmi.told(KOSMI_ROOM)),
        ('i', texts(&heard, |nick| nick != TALKER)),
        ('m', matter::told(world.matterbridge.port, GATEWAY)),
    ]
}

/// What the room where somebody is at home was told wrongly of what another one said.
pub(super) struct Judged {
    pub(super) source: char,
    pub(super) home: char,
    pub(super) wrong: Wrong,
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            home,
            wrong,
        } = self;
        write!(f, "from {source} to where {home} is at home: {wrong}")
    }
}

fn judge(
    world: &World,
    rooms: &[(char, Vec<String>)],
    count: usize,
) -> Result<Vec<Judged>, String> {
    let torn = Torn::of(&world.tap.told(), &world.witness.heard())?;
    let unheard = texts(&torn.relay_only, |nick| nick != TALKER);
    let unproven = texts(&torn.witness_only, |nick| nick != TALKER);
    let untold = texts(&torn.witness_only, |nick| nick == TALKER);
    let mut may_double = uncertain(&world.relay.status())?;
    let mut judged = Vec::new();
    for (home, told) in rooms {
        if told_of(told, *home) > 0 {
            return Err(format!("what {home} said came back: {told:?}"));
        }
        for source in SOURCES.into_iter().filter(|source| source != home) {
            let excused = match (source, home) {
                (_, 'i') => Excused {
                    lost: &unheard,
                    doubled: &unproven,
                },
                ('i', _) => Excused {
                    lost: &untold,
                    doubled: &[],
                },
                _ => Excused::default(),
            };
            let mut wrong = Wrong::of(told, source, count, excused);
            if *home == 'm' {
                may_double -= wrong.repeat(may_double);
            }
            let home = *home;
            judged.push(Judged {
                source,
                home,
                wrong,
            });
        }
    }
    Ok(judged)
}

/// What those said whose nick is one of these.
fn texts(said: &[Said], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let said = said.iter().filter(|said| wanted(&said.nick));
    said.map(|said| said.text.clone()).collect()
}

/// How many messages to Matterbridge had an outcome that nobody can know: it shows no history of what it was told, so that one that
/// was under way at a kill is said again, as its setting has it.
fn uncertain(status: &Value) -> Result<usize, String> {
    let members = status["links"][0]["members"].as_array();
    let mut members = members.into_iter().flatten();
    let member = members.find(|member| member["room"] == GATEWAY);
    let uncertain = member.and_then(|member| member["queue"]["uncertain"].as_u64());
    let uncertain = uncertain.and_then(|count| usize::try_from(count).ok());
    uncertain.ok_or_else(|| format!("no count of what is uncertain: {status}"))
}

/// How long nothing may come behind the last expected message, so that a second copy would show.
const QUIET: Duration = Duration::from_secs(2);
/// How long nothing moves before what is missing counts as lost.
const STUCK: Duration = Duration::from_secs(15);
const BEAT: Duration = Duration::from_millis(100);
