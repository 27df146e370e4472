//! The check page's long tests: a silent WebSocket, a busy one, and what remains of them.

use super::standing::standing_tests;
use crate::evidence::{Evidence, Seen};
use crate::finding::{self, Confidence};
use crate::observation::{PageTest, PageTestKind, PageTestOutcome};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const IDLE: Rule = Rule {
    cause: "time-idle",
    explains: &["unknown-below-app"],
    judge: idle,
};

pub(super) const AGE: Rule = Rule {
    cause: "time-max-life",
    explains: &["unknown-below-app", "time-idle"],
    judge: age,
};

pub(super) const FORGOTTEN: Rule = Rule {
    cause: "time-nat-silent",
    explains: &["unknown-below-app"],
    judge: forgotten,
};

/// A long test that was cut, with its age then.
fn cut_after(seen: &Seen<'_, PageTest>) -> Option<u64> {
    match seen.fact.outcome {
        PageTestOutcome::Cut { after_ms, .. } if after_ms >= SHORTEST_MS => Some(after_ms),
        _ => None,
    }
}

struct Waits<'a> {
    silent: Vec<Seen<'a, PageTest>>,
    busy: Vec<Seen<'a, PageTest>>,
}

fn waits<'a>(evidence: &Evidence<'a>) -> Waits<'a> {
    let (silent, rest): (Vec<_>, Vec<_>) = standing_tests(evidence)
        .into_iter()
        .partition(|seen| matches!(seen.fact.test, PageTestKind::SocketIdle { .. }));
    Waits {
        silent,
        busy: rest
            .into_iter()
            .filter(|seen| matches!(seen.fact.test, PageTestKind::SocketBusy { .. }))
            .collect(),
    }
}

/// A WebSocket with traffic that outlived this age.
fn busy_survivor<'s, 'a>(waits: &'s Waits<'a>, age_ms: u64) -> Option<&'s Seen<'a, PageTest>> {
    waits.busy.iter().find(|seen| {
        let PageTestKind::SocketBusy { lasts_ms } = seen.fact.test else {
            return false;
        };
        seen.fact.outcome == PageTestOutcome::Passed && lasts_ms > age_ms
    })
}

fn shows_cut(seen: &Seen<'_, PageTest>, after_ms: u64) -> finding::Evidence {
    let traffic = match seen.fact.test {
        PageTestKind::SocketBusy { .. } => "with a message every second",
        _ => "without traffic",
    };
    seen.shows(format!(
        "A WebSocket {traffic} was cut after {}.",
        duration(after_ms)
    ))
}

fn idle(evidence: &Evidence<'_>) -> Judgement {
    let waits = waits(evidence);
    let cut: Vec<(u64, &Seen<'_, PageTest>)> = waits
        .silent
        .iter()
        .filter_map(|seen| Some((cut_after(seen)?, seen)))
        .collect();
    let Some(&(after_ms, first)) = cut.iter().min_by_key(|(after, _)| *after) else {
        return Judgement::nothing();
    };
    let alike = cut.iter().all(|(after, _)| close(*after, after_ms));
    let busy = busy_survivor(&waits, after_ms);
    let busy_died = waits.busy.iter().any(|seen| cut_after(seen).is_some());
    let confidence = match (busy, alike && cut.len() >= 2) {
        _ if !alike || busy_died => return Judgement::nothing(),
        (Some(_), _) => Confidence::Certain,
        (None, true) => Confidence::Likely,
        // One connection may have met with an accident.
        (None, false) => return Judgement::nothing(),
    };
    Support::new(
        confidence,
        format!(
            "A hop on the way ends a connection after {} of silence.",
            duration(after_ms)
        ),
        shows_cut(first, after_ms),
    )
    .and_all(
        cut.iter()
            .filter(|(_, seen)| seen.id != first.id)
            .map(|(after, seen)| shows_cut(seen, *after)),
    )
    .and_all(
        busy.map(|seen| seen.shows("At the same time one with a message every second lived on.")),
    )
    .weighing(60)
    .into()
}

fn age(evidence: &Evidence<'_>) -> Judgement {
    let waits = waits(evidence);
    let busy = waits
        .busy
        .iter()
        .find_map(|seen| Some((cut_after(seen)?, seen)));
    let silent = busy.and_then(|(age, _)| {
        waits.silent.iter().find_map(|seen| {
            let after = cut_after(seen)?;
            close(after, age).then_some((after, seen))
        })
    });
    match (busy, silent) {
        (Some((age, busy)), Some((after, silent))) => Support::certain(
            format!(
                "A hop on the way ends every connection at the age of {}, busy or not.",
                duration(age)
            ),
            shows_cut(busy, age),
        )
        .and(shows_cut(silent, after))
        .weighing(60)
        .into(),
        _ => Judgement::nothing(),
    }
}

fn forgotten(evidence: &Evidence<'_>) -> Judgement {
    let waits = waits(evidence);
    let mute = waits.silent.iter().find_map(|seen| {
        let PageTestKind::SocketIdle { idle_ms } = seen.fact.test else {
            return None;
        };
        matches!(seen.fact.outcome, PageTestOutcome::Silent { .. }).then_some((idle_ms, seen))
    });
    let Some((idle_ms, seen)) = mute else {
        return Judgement::nothing();
    };
    let Some(busy) = busy_survivor(&waits, 0) else {
        return Judgement::nothing();
    };
    Support::certain(
        format!(
            "After {} of silence a connection is dead without a word: what is sent then gets no answer.",
            duration(idle_ms)
        ),
        seen.shows("The message after the silence got no answer, and no end was told."),
    )
    .and(busy.shows("At the same time a WebSocket with a message every second was answered throughout."))
    .weighing(60)
    .into()
}

fn close(one: u64, other: u64) -> bool {
    one.abs_diff(other) <= SLACK_MS + other / 50
}

/// A test that was cut sooner did not fail for its wait.
const SHORTEST_MS: u64 = 2_000;
/// What two measurements of one timer in a page may differ by, besides a fiftieth.
const SLACK_MS: u64 = 1_200;
