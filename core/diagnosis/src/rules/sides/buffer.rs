//! Answers that come late and in heaps, because something on the way collects them.

use super::facts::Sides;
use super::standing::standing_tests;
use super::trial::Came;
use crate::evidence::{Evidence, Seen};
use crate::finding::{self, Confidence};
use crate::observation::{Attempt, AttemptEnd, PageTestKind, PageTestOutcome, Transport};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const HELD: Rule = Rule {
    cause: "proxy-buffer",
    explains: &[
        "proxy-101-mute",
        "frame-big-silent",
        "frame-server-first-lost",
        "unknown-below-app",
    ],
    judge: held,
};

fn held(evidence: &Evidence<'_>) -> Judgement {
    let sides = Sides::of(evidence);
    let works = sides.websocket_works();
    if evidence.page_tests().next().is_some() {
        tested(evidence, works)
    } else if works {
        Judgement::nothing()
    } else {
        carried(evidence, &sides)
    }
}

/// The check page compares a stream with an ordinary request. Where single messages of a WebSocket do come through,
/// both kinds of stream must be late: a busy line alone makes one late.
fn tested(evidence: &Evidence<'_>, works: bool) -> Judgement {
    let find = |wanted: fn(PageTestKind) -> bool, outcome: fn(&PageTestOutcome) -> bool| {
        standing_tests(evidence)
            .into_iter()
            .find(|seen| wanted(seen.fact.test) && outcome(&seen.fact.outcome))
    };
    let streams = |kind| matches!(kind, PageTestKind::Stream | PageTestKind::EventStream);
    let trickle = |kind| matches!(kind, PageTestKind::SocketTrickle | PageTestKind::SocketText);
    let late = |outcome: &PageTestOutcome| matches!(outcome, PageTestOutcome::HeldBack { .. });
    let silent = |outcome: &PageTestOutcome| matches!(outcome, PageTestOutcome::Silent { .. });
    let passed = |outcome: &PageTestOutcome| *outcome == PageTestOutcome::Passed;
    let Some(control) = find(|kind| kind == PageTestKind::Fetch, passed) else {
        return Judgement::nothing();
    };
    let held_socket = find(trickle, late);
    let held_stream = find(streams, late).or_else(|| {
        // A stream of which nothing comes may hang for another reason, but not together with the WebSocket.
        find(trickle, silent).and_then(|_| find(streams, silent))
    });
    let Some(first) = held_socket.or(held_stream) else {
        return Judgement::nothing();
    };
    let both = held_socket.is_some() && held_stream.is_some();
    if works && !both {
        return Judgement::nothing();
    }
    let confidence = if held_stream.is_some() {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    Support::new(
        confidence,
        SUMMARY,
        first.shows(late_words(&first.fact.outcome)),
    )
    .and_all(
        held_stream
            .filter(|seen| seen.id != first.id)
            .map(|seen| seen.shows(late_words(&seen.fact.outcome))),
    )
    .and(control.shows(format!(
        "An ordinary short answer comes within {}.",
        duration(control.fact.elapsed_ms)
    )))
    .weighing(70)
    .into()
}

fn late_words(outcome: &PageTestOutcome) -> String {
    match outcome {
        PageTestOutcome::HeldBack { late_ms } => format!(
            "Small parts that were sent one by one came together, up to {} late.",
            duration(*late_ms)
        ),
        PageTestOutcome::Silent { waited_ms } => {
            format!("Small parts did not come within {}.", duration(*waited_ms))
        }
        _ => "Small parts did not come one by one.".into(),
    }
}

/// A session that found only complete answers to work.
fn carried(evidence: &Evidence<'_>, sides: &Sides<'_>) -> Judgement {
    let Some(poll) = evidence
        .attempts()
        .find(|seen| seen.fact.transport == Transport::Poll && seen.fact.proven_ms.is_some())
    else {
        return by_word(evidence);
    };
    let streams = |transport| matches!(transport, Transport::Stream | Transport::Sse);
    let attempts: Vec<_> = evidence
        .attempts()
        .filter(|seen| streams(seen.fact.transport))
        .collect();
    let works = attempts.iter().any(|seen| {
        seen.fact.proven_ms.is_some() && !matches!(seen.fact.end, AttemptEnd::HeldBack)
    });
    let late: Vec<_> = attempts
        .iter()
        .filter(|seen| matches!(seen.fact.end, AttemptEnd::HeldBack))
        .collect();
    let silent: Vec<_> = attempts
        .iter()
        .filter(|seen| brought_nothing(evidence, seen, &poll))
        .collect();
    let answered = answered_at_once(evidence);
    let Some(first) = late.first().or(silent.first()) else {
        return Judgement::nothing();
    };
    if works || (late.is_empty() && answered.is_none()) {
        return Judgement::nothing();
    }
    let mute = sides
        .trials
        .iter()
        .any(|trial| matches!(trial.came, Came::Mute { .. }));
    // Several ways that stream, all of them mute, and one that does not stream and works.
    let several = silent.len() + usize::from(mute) >= 2;
    let long = silent
        .iter()
        .any(|seen| seen.fact.ended_ms.unwrap_or_default() >= SILENT_MS);
    let confidence = if late.is_empty() && !several {
        if !long {
            return Judgement::nothing();
        }
        Confidence::Likely
    } else {
        Confidence::Certain
    };
    Support::new(confidence, SUMMARY, first.shows(attempt_words(first)))
        .and_all(
            late.iter()
                .chain(&silent)
                .filter(|seen| seen.id != first.id)
                .map(|seen| seen.shows(attempt_words(seen))),
        )
        .and_all(answered)
        .and(poll.shows("Answers that end at once come through: the transport `poll` works."))
        .weighing(70)
        .into()
}

/// Whether a stream brought nothing in a time that was ample for the poll which began after it. Once the poll has won
/// the gateway ends the stream, and what a hop makes of that end is not told.
fn brought_nothing(
    evidence: &Evidence<'_>,
    seen: &Seen<'_, Attempt>,
    poll: &Seen<'_, Attempt>,
) -> bool {
    let ended = matches!(
        seen.fact.end,
        AttemptEnd::Silent
            | AttemptEnd::Cancelled
            | AttemptEnd::Overtaken
            | AttemptEnd::Failed { status: None, .. }
    );
    let waited_ms = seen.fact.ended_ms.unwrap_or_default();
    let ample_ms = poll.fact.proven_ms.unwrap_or_default().saturating_mul(3);
    let before = evidence.at_ms(seen.id) <= evidence.at_ms(poll.id);
    let long = waited_ms >= SILENT_MS || (before && waited_ms >= ample_ms.max(AMPLE_MS));
    seen.fact.proven_ms.is_none() && ended && long
}

/// Without a transport to compare with, the page's own finding that chunks were held back is as much as is known.
fn by_word(evidence: &Evidence<'_>) -> Judgement {
    let mut late = evidence
        .attempts()
        .filter(|seen| matches!(seen.fact.end, AttemptEnd::HeldBack));
    match (late.next(), late.next()) {
        (Some(first), Some(second)) => Support::likely(SUMMARY, first.shows(attempt_words(&first)))
            .and(second.shows(attempt_words(&second)))
            .into(),
        _ => Judgement::nothing(),
    }
}

fn attempt_words(seen: &Seen<'_, Attempt>) -> String {
    let transport = seen.fact.transport;
    match seen.fact.end {
        AttemptEnd::HeldBack => {
            format!("On the transport `{transport}` small parts were held back.")
        }
        _ => format!(
            "On the transport `{transport}` nothing came within {}.",
            duration(seen.fact.ended_ms.unwrap_or_default())
        ),
    }
}

/// The gateway's word that a stream's answer was sent.
fn answered_at_once(evidence: &Evidence<'_>) -> Option<finding::Evidence> {
    let streams = |transport| matches!(transport, Transport::Stream | Transport::Sse);
    let sent = evidence
        .attachments()
        .find(|seen| streams(seen.fact.transport) && seen.fact.bytes_down > 0)
        .map(|seen| {
            seen.shows(format!(
                "The gateway received the request for `{}` and sent {} bytes at once.",
                seen.fact.transport, seen.fact.bytes_down
            ))
        });
    sent.or_else(|| {
        evidence
            .arrivals()
            .find(|seen| streams(seen.fact.transport) && seen.fact.status == 200)
            .map(|seen| {
                seen.shows(format!(
                    "The gateway received the request for `{}` and began to answer at once.",
                    seen.fact.transport
                ))
            })
    })
}

const SUMMARY: &str = "Something on the way collects what the server sends and passes it on late, or only when it is complete.";
/// A stream that brought nothing for so long was not merely slower than the winner.
const SILENT_MS: u64 = 1_500;
/// In less time than this much may be late by chance.
const AMPLE_MS: u64 = 100;
