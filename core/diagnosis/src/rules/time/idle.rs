//! Sockets that die of silence, and pings that do not count against it.

use super::lives::{Life, Lives, died, names_idleness, outlived, same, shows};
use crate::evidence::Evidence;
use crate::finding::Confidence;
use crate::observation::Traffic;
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const IDLE: Rule = Rule {
    cause: "time-idle",
    explains: &["unknown-below-app"],
    judge: idle,
};

pub(super) const PING_NOT_ACTIVITY: Rule = Rule {
    cause: "time-ping-not-activity",
    explains: &["unknown-below-app", "time-idle"],
    judge: ping_not_activity,
};

pub(super) const PING_RACE: Rule = Rule {
    cause: "time-ping-race",
    explains: &[
        "unknown-below-app",
        "time-idle",
        "time-ping-not-activity",
        "time-max-life",
    ],
    judge: ping_race,
};

fn idle(evidence: &Evidence<'_>) -> Judgement {
    let lives = Lives::of(evidence);
    let deaths = lives.silent_deaths();
    let Some(first) = deaths.first() else {
        return Judgement::nothing();
    };
    let quiet = first.fact.quiet_before_end_ms;
    let Some(spared) = lives
        .busy()
        .find(|life| outlived(life, first.fact.lived_ms))
    else {
        return Judgement::nothing();
    };
    let others: Vec<&Life<'_>> = deaths
        .iter()
        .skip(1)
        .chain(lives.woken.iter().filter(|life| died_asleep(life)))
        .filter(|life| same(life.fact.quiet_before_end_ms, quiet))
        .collect();
    let survivor = lives
        .silent
        .iter()
        .find(|life| outlived(life, first.fact.lived_ms));
    let confidence = match (others.is_empty(), survivor) {
        (false, None) => Confidence::Certain,
        (true, None) => Confidence::Likely,
        (_, Some(_)) => Confidence::Possible,
    };
    let mut support = Support::new(
        confidence,
        format!(
            "A connection on which nothing is sent is ended after {}; with traffic it lives on.",
            duration(quiet)
        ),
        shows(first),
    )
    .and_all(others.into_iter().map(shows))
    .and(shows(spared))
    .weighing(60);
    if let Some(survivor) = survivor {
        support = support.but(shows(survivor));
    }
    support.into()
}

/// Whether a socket that was to be woken died before that.
fn died_asleep(life: &Life<'_>) -> bool {
    let asleep = matches!(life.fact.traffic, Traffic::SilentThenPing { silent_ms } if life.fact.lived_ms < silent_ms);
    asleep && died(life)
}

/// The pinged socket dies at the age of the silent one, and data keeps a third alive.
fn ping_not_activity(evidence: &Evidence<'_>) -> Judgement {
    let lives = Lives::of(evidence);
    let deaths = lives.silent_deaths();
    let Some(first) = deaths.first() else {
        return Judgement::nothing();
    };
    let pinged = lives.pinged.iter().find(|life| {
        died(life) && same(life.fact.lived_ms, first.fact.lived_ms) && life.fact.pings_sent > 0
    });
    let Some(pinged) = pinged else {
        return Judgement::nothing();
    };
    let age = duration(first.fact.lived_ms);
    let summary = format!(
        "A connection is ended after {age} without data, even when it is pinged and the pings are answered."
    );
    match lives
        .data
        .iter()
        .find(|life| outlived(life, first.fact.lived_ms))
    {
        Some(data) => Support::certain(summary, shows(first))
            .and(shows(pinged))
            .and(shows(data))
            .weighing(65)
            .into(),
        None if lives.data.is_empty() => {
            // Without data it may be the age as well, unless the peer itself speaks of silence.
            let told = names_idleness(first) && names_idleness(pinged);
            let support = if told {
                Support::likely
            } else {
                Support::possible as fn(_, _) -> _
            };
            support(summary, shows(first))
                .and(shows(pinged))
                .untested("A socket that carries data (--echo or --send), which would live on.")
                .weighing(40)
                .into()
        }
        None => Judgement::nothing(),
    }
}

/// A heartbeat that comes about when the idle timer runs out: who is first is chance.
fn ping_race(evidence: &Evidence<'_>) -> Judgement {
    let lives = Lives::of(evidence);
    let deaths = lives.silent_deaths();
    let raced: Vec<&Life<'_>> = deaths
        .iter()
        .filter(|life| {
            heartbeat_ms(life).is_some_and(|interval| {
                let quiet = life.fact.quiet_before_end_ms;
                quiet * 5 >= interval * 4 && quiet * 4 <= interval * 5
            })
        })
        .collect();
    if let Some(first) = raced.first() {
        let interval = heartbeat_ms(first).unwrap_or_default();
        // Some heartbeats were in time and one was not, at another age each time.
        let irregular = raced
            .iter()
            .any(|life| !same(life.fact.lived_ms, first.fact.lived_ms));
        let confidence = if irregular {
            Confidence::Certain
        } else {
            Confidence::Likely
        };
        return Support::new(
            confidence,
            format!(
                "The server pings every {} and a hop ends the connection after about as much silence: now one, now the other is first.",
                duration(interval)
            ),
            shows(first),
        )
        .and_all(raced.iter().skip(1).map(|life| shows(life)))
        .weighing(65)
        .into();
    }
    let ours = deaths.first().and_then(|first| {
        let quiet = first.fact.quiet_before_end_ms;
        let raced = lives.pinged.iter().find(|life| {
            let Traffic::Ping { every_ms } = life.fact.traffic else {
                return false;
            };
            died(life)
                && life.fact.pings_sent > 0
                && every_ms * 5 >= quiet * 4
                && !same(life.fact.lived_ms, first.fact.lived_ms)
        })?;
        Some((*first, *raced))
    });
    let Some((first, raced)) = ours else {
        return Judgement::nothing();
    };
    Support::likely(
        format!(
            "A hop ends the connection after {} of silence, and pings come no more often than that.",
            duration(first.fact.quiet_before_end_ms)
        ),
        shows(&first),
    )
    .and(shows(&raced))
    .weighing(65)
    .into()
}

/// The time between the server's own pings, where it sent some.
fn heartbeat_ms(life: &Life<'_>) -> Option<u64> {
    let busy = life
        .fact
        .lived_ms
        .checked_sub(life.fact.quiet_before_end_ms)?;
    busy.checked_div(u64::from(life.fact.pings_received))
}

#[cfg(test)]
mod tests {
    use crate::finding::Confidence;
    use crate::observation::{Ending, Traffic};
    use crate::rules::frame::testing::*;

    const PING: Traffic = Traffic::Ping { every_ms: 1000 };
    const DATA: Traffic = Traffic::Data { every_ms: 1000 };

    fn cut_after(traffic: Traffic, opened: u64, lived_ms: u64) -> crate::observation::Endurance {
        lived(traffic, opened, lived_ms, Some(Ending::EndOfStream))
    }

    fn silent_die_at_three() -> Run {
        Run::new()
            .endure(cut_after(Traffic::Silent, 0, 3_004))
            .endure(cut_after(Traffic::Silent, 700, 3_002))
    }

    #[test]
    fn silence_kills_and_pings_save() {
        silent_die_at_three()
            .endure(lived(PING, 900, 9_500, None))
            .expect("time-idle", Confidence::Certain);
    }

    #[test]
    fn one_silent_death_is_only_likely() {
        Run::new()
            .endure(cut_after(Traffic::Silent, 0, 3_004))
            .endure(lived(PING, 900, 9_500, None))
            .expect("time-idle", Confidence::Likely);
    }

    #[test]
    fn pings_that_do_not_help_while_data_does() {
        silent_die_at_three()
            .endure(cut_after(PING, 900, 3_003))
            .endure(lived(DATA, 1_100, 9_500, None))
            .expect("time-ping-not-activity", Confidence::Certain);
    }

    #[test]
    fn a_server_that_speaks_of_idleness_is_believed() {
        let idle = |traffic, opened| lived(traffic, opened, 3_003, Some(code(1000, "idle")));
        Run::new()
            .endure(idle(Traffic::Silent, 0))
            .endure(idle(PING, 350))
            .endure(idle(Traffic::Silent, 1_050))
            .expect("time-ping-not-activity", Confidence::Likely);
    }

    #[test]
    fn a_server_heartbeat_as_slow_as_the_timeout_is_a_race() {
        let mut first = cut_after(Traffic::Silent, 0, 9_000);
        first.pings_received = 2;
        first.quiet_before_end_ms = 3_000;
        Run::new()
            .endure(first)
            .endure(lived(PING, 900, 20_000, None))
            .expect("time-ping-race", Confidence::Likely);
    }

    #[test]
    fn a_race_that_is_lost_at_different_ages_is_certain() {
        let beaten = |opened, beats: u32| {
            let mut life = cut_after(Traffic::Silent, opened, 1_500 * u64::from(beats + 1));
            life.pings_received = beats;
            life.quiet_before_end_ms = 1_500;
            life
        };
        Run::new()
            .endure(beaten(0, 1))
            .endure(lived(PING, 350, 12_000, None))
            .endure(beaten(1_050, 3))
            .expect("time-ping-race", Confidence::Certain);
    }

    #[test]
    fn sockets_that_all_outlive_the_watch_are_healthy() {
        Run::new()
            .endure(lived(Traffic::Silent, 0, 10_000, None))
            .endure(lived(Traffic::Silent, 700, 9_300, None))
            .endure(lived(PING, 900, 9_100, None))
            .expect_no_fault();
    }
}
