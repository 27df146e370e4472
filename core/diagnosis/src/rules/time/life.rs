//! Sockets that die at one age, or at one moment, whatever they carry.

use super::lives::{Life, Lives, died, moment, names_idleness, outlived, shows, spread};
use crate::evidence::Evidence;
use crate::finding::Confidence;
use crate::observation::Ending;
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const MAX_LIFE: Rule = Rule {
    cause: "time-max-life",
    explains: &["unknown-below-app"],
    judge: max_life,
};

pub(super) const RELOAD: Rule = Rule {
    cause: "time-reload",
    explains: &["unknown-below-app", "time-max-life", "time-idle"],
    judge: reload,
};

pub(super) const DEPLOY: Rule = Rule {
    cause: "time-deploy",
    explains: &[
        "unknown-below-app",
        "time-max-life",
        "time-idle",
        "app-restart-1012-1013",
    ],
    judge: deploy,
};

fn max_life(evidence: &Evidence<'_>) -> Judgement {
    let lives = Lives::of(evidence);
    let dead: Vec<Life<'_>> = lives.steady().filter(|life| died(life)).copied().collect();
    let silent = dead
        .iter()
        .any(|life| lives.silent.iter().any(|own| own.id == life.id));
    // One frame is not enough to show that traffic did not help.
    let busy = lives
        .busy()
        .any(|life| died(life) && life.fact.pings_sent + life.fact.data_sent >= 2);
    let ages = spread(dead.iter().map(|life| life.fact.lived_ms));
    let moments = spread(dead.iter().map(moment));
    let age = dead
        .iter()
        .map(|life| life.fact.lived_ms)
        .max()
        .unwrap_or(0);
    let spared = lives.steady().any(|life| outlived(life, age));
    if !(silent && busy) || spared || ages > AGES_MS + age / 50 || moments < ages + APART_MS {
        return Judgement::nothing();
    }
    let data = lives.data.iter().any(died);
    let mut support = Support::new(
        match data {
            true => Confidence::Certain,
            false if dead.iter().any(names_idleness) => Confidence::Possible,
            false => Confidence::Likely,
        },
        format!(
            "Every connection is ended at the age of {}, busy or not.",
            duration(age)
        ),
        shows(&dead[0]),
    )
    .and_all(dead.iter().skip(1).map(shows))
    .weighing(60);
    if !data {
        support = support.untested("A socket that carries data (--echo or --send), because pings may not count as activity.");
    }
    support.into()
}

fn reload(evidence: &Evidence<'_>) -> Judgement {
    let dead = died_together(evidence);
    if dead.is_empty() || dead.iter().any(announced) {
        return Judgement::nothing();
    }
    together(
        &dead,
        "Connections of different ages are cut at one moment, without a word: something in front was reloaded or restarted.",
    )
    .into()
}

fn deploy(evidence: &Evidence<'_>) -> Judgement {
    let dead = died_together(evidence);
    if !dead.iter().any(announced) {
        return Judgement::nothing();
    }
    together(
        &dead,
        "Connections of different ages are closed at one moment, and the close code says that the server goes away or restarts.",
    )
    .into()
}

fn together(dead: &[Life<'_>], summary: &str) -> Support {
    Support::certain(summary, shows(&dead[0]))
        .and_all(dead.iter().skip(1).map(shows))
        .weighing(65)
}

/// Whether the server said goodbye because it stops.
fn announced(life: &Life<'_>) -> bool {
    matches!(
        life.fact.ended,
        Some(Ending::Closed {
            code: Some(1001 | 1012),
            ..
        })
    )
}

/// All sockets that ended within one moment although they are of different ages; empty where some were spared.
fn died_together<'a>(evidence: &Evidence<'a>) -> Vec<Life<'a>> {
    let lives = Lives::of(evidence);
    let all: Vec<Life<'a>> = lives.steady().chain(&lives.woken).copied().collect();
    let dead: Vec<Life<'a>> = all.iter().filter(|life| died(life)).copied().collect();
    let moments = spread(dead.iter().map(moment));
    let ages = spread(dead.iter().map(|life| life.fact.lived_ms));
    let last = dead.iter().map(moment).max().unwrap_or(0);
    // A socket that was given up or opened later than that moment says nothing.
    let spared = all
        .iter()
        .any(|life| !died(life) && moment(life) > last && life.fact.opened_at_ms < last);
    let told = dead.len() >= SOCKETS_MIN && moments <= MOMENT_MS && ages >= moments + APART_MS;
    if told && !spared { dead } else { vec![] }
}

/// Fewer deaths than these at one moment may be chance.
const SOCKETS_MIN: usize = 3;
/// How far apart deaths of one moment may lie, in milliseconds.
const MOMENT_MS: u64 = 400;
/// How far apart deaths of one age may lie beyond a fiftieth, in milliseconds.
const AGES_MS: u64 = 350;
/// How much farther the other measure must be spread for the two to be told apart, in milliseconds.
const APART_MS: u64 = 300;

#[cfg(test)]
mod tests {
    use crate::finding::Confidence;
    use crate::observation::{Ending, Endurance, Traffic};
    use crate::rules::frame::testing::*;

    const PING: Traffic = Traffic::Ping { every_ms: 1000 };
    const DATA: Traffic = Traffic::Data { every_ms: 1000 };

    fn dead(traffic: Traffic, opened: u64, lived_ms: u64) -> Endurance {
        lived(traffic, opened, lived_ms, Some(Ending::EndOfStream))
    }

    fn one_age() -> Run {
        Run::new()
            .endure(dead(Traffic::Silent, 0, 3_001))
            .endure(dead(Traffic::Silent, 700, 3_003))
            .endure(dead(PING, 1_400, 3_002))
    }

    #[test]
    fn one_age_with_data_is_certain() {
        one_age()
            .endure(dead(DATA, 2_100, 3_000))
            .expect("time-max-life", Confidence::Certain);
    }

    #[test]
    fn one_age_without_data_leaves_a_doubt() {
        let run = one_age();
        run.expect("time-max-life", Confidence::Likely);
        let other = &run.diagnosis().findings[1];
        assert_eq!(other.cause, "time-ping-not-activity");
    }

    #[test]
    fn one_moment_is_a_reload() {
        Run::new()
            .endure(dead(Traffic::Silent, 0, 4_000))
            .endure(dead(Traffic::Silent, 700, 3_302))
            .endure(dead(PING, 1_400, 2_601))
            .expect("time-reload", Confidence::Certain);
    }

    #[test]
    fn one_moment_with_a_word_is_a_deployment() {
        let gone = |traffic, opened, lived_ms| {
            lived(traffic, opened, lived_ms, Some(code(1012, "restarting")))
        };
        Run::new()
            .endure(gone(Traffic::Silent, 0, 4_000))
            .endure(gone(Traffic::Silent, 700, 3_302))
            .endure(gone(PING, 1_400, 2_601))
            .expect("time-deploy", Confidence::Certain);
    }

    #[test]
    fn a_socket_that_lives_on_refutes_both() {
        let run = one_age().endure(lived(DATA, 2_100, 9_000, None));
        let top = run.top().unwrap().0;
        assert_eq!(top, "time-ping-not-activity");
    }
}
