//! Messages of one kind or size that do not get through where a short text does. Each differs from the text in one
//! thing only, which makes it telling.

use super::standing::{last_test, passed};
use crate::evidence::{Evidence, Seen};
use crate::finding::{self, Confidence};
use crate::observation::{PageTest, PageTestKind, PageTestOutcome};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const BINARY: Rule = Rule {
    cause: "frame-binary-blocked",
    explains: &["proxy-101-rst", "proxy-101-mute"],
    judge: binary,
};

pub(super) const TOO_BIG: Rule = Rule {
    cause: "frame-too-big",
    explains: &["unknown-below-app"],
    judge: too_big,
};

pub(super) const VANISHED: Rule = Rule {
    cause: "frame-big-silent",
    explains: &[],
    judge: vanished,
};

pub(super) const FIRST_LOST: Rule = Rule {
    cause: "frame-server-first-lost",
    explains: &[],
    judge: first_lost,
};

pub(super) const COMPRESSED: Rule = Rule {
    cause: "frame-deflate-path",
    explains: &[],
    judge: compressed,
};

fn text(evidence: &Evidence<'_>) -> Option<finding::Evidence> {
    passed(evidence, PageTestKind::SocketText)
        .map(|seen| seen.shows("A short text message over a WebSocket comes back."))
}

fn failing<'a>(
    evidence: &Evidence<'a>,
    kind: PageTestKind,
    failed: impl Fn(&PageTestOutcome) -> bool,
) -> Option<Seen<'a, PageTest>> {
    last_test(evidence, |test| test == kind).filter(|seen| failed(&seen.fact.outcome))
}

const fn lost(outcome: &PageTestOutcome) -> bool {
    matches!(
        outcome,
        PageTestOutcome::Cut { .. } | PageTestOutcome::Silent { .. }
    )
}

const fn lost_or_changed(outcome: &PageTestOutcome) -> bool {
    lost(outcome) || matches!(outcome, PageTestOutcome::Different { .. })
}

/// What became of a message, as the end of a sentence.
fn fate(outcome: &PageTestOutcome) -> String {
    match outcome {
        PageTestOutcome::Cut {
            code: Some(code), ..
        } => format!("ended the connection with code {code}"),
        PageTestOutcome::Cut { .. } => "ended the connection".into(),
        PageTestOutcome::Silent { waited_ms } => {
            format!("was not answered within {}", duration(*waited_ms))
        }
        _ => "did not come back as it was sent".into(),
    }
}

fn binary(evidence: &Evidence<'_>) -> Judgement {
    match (
        failing(evidence, PageTestKind::SocketBinary, lost),
        text(evidence),
    ) {
        (Some(seen), Some(text)) => Support::certain(
            "Text messages get through and binary ones do not.",
            seen.shows(format!(
                "A short binary message {}.",
                fate(&seen.fact.outcome)
            )),
        )
        .and(text)
        .weighing(60)
        .into(),
        _ => Judgement::nothing(),
    }
}

fn first_lost(evidence: &Evidence<'_>) -> Judgement {
    match (
        failing(evidence, PageTestKind::SocketServerFirst, lost_or_changed),
        text(evidence),
    ) {
        (Some(seen), Some(text)) => Support::certain(
            "What the server says first, right after the opening, does not arrive; later messages do.",
            seen.shows("The server's first message did not come."),
        )
        .and(text)
        .into(),
        _ => Judgement::nothing(),
    }
}

fn compressed(evidence: &Evidence<'_>) -> Judgement {
    match (
        failing(evidence, PageTestKind::SocketCompressed, lost_or_changed),
        text(evidence),
    ) {
        (Some(seen), Some(text)) => {
            let refused = matches!(
                seen.fact.outcome,
                PageTestOutcome::Cut {
                    code: Some(1002),
                    ..
                }
            );
            let confidence = if refused {
                Confidence::Certain
            } else {
                Confidence::Likely
            };
            Support::new(
                confidence,
                "Compressed messages do not get through, and the same messages without compression do.",
                seen.shows(format!(
                    "With compression a message {}.",
                    fate(&seen.fact.outcome)
                )),
            )
            .and(text)
            .into()
        }
        _ => Judgement::nothing(),
    }
}

/// The smallest message that failed, where all smaller ones passed.
fn threshold<'a>(evidence: &Evidence<'a>) -> Option<(u64, Seen<'a, PageTest>)> {
    let mut sizes: Vec<u64> = evidence
        .page_tests()
        .filter_map(|seen| match seen.fact.test {
            PageTestKind::SocketLarge { bytes } => Some(bytes),
            _ => None,
        })
        .collect();
    sizes.sort_unstable();
    sizes.dedup();
    let lasts: Vec<(u64, Seen<'a, PageTest>)> = sizes
        .into_iter()
        .filter_map(|bytes| {
            let kind = PageTestKind::SocketLarge { bytes };
            Some((bytes, last_test(evidence, |test| test == kind)?))
        })
        .collect();
    let first = lasts
        .iter()
        .position(|(_, seen)| seen.fact.outcome != PageTestOutcome::Passed)?;
    let later_passes = lasts
        .iter()
        .skip(first)
        .any(|(_, seen)| seen.fact.outcome == PageTestOutcome::Passed);
    (!later_passes).then(|| lasts[first])
}

fn too_big(evidence: &Evidence<'_>) -> Judgement {
    let Some(((bytes, seen), text)) = threshold(evidence).zip(text(evidence)) else {
        return Judgement::nothing();
    };
    let PageTestOutcome::Cut { code, .. } = seen.fact.outcome else {
        return Judgement::nothing();
    };
    let confidence = if code == Some(1009) {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    Support::new(
        confidence,
        format!("A message of {bytes} bytes ends the connection; smaller ones get through."),
        seen.shows(format!(
            "A message of {bytes} bytes {}.",
            fate(&seen.fact.outcome)
        )),
    )
    .and(text)
    .into()
}

/// A slow line looks the same, so an upload of the size must have been quick.
fn vanished(evidence: &Evidence<'_>) -> Judgement {
    let Some(((bytes, seen), text)) = threshold(evidence).zip(text(evidence)) else {
        return Judgement::nothing();
    };
    let PageTestOutcome::Silent { waited_ms } = seen.fact.outcome else {
        return Judgement::nothing();
    };
    let upload = evidence.page_tests().find(|other| {
        matches!(other.fact.test, PageTestKind::Post { bytes: sent } if sent >= bytes)
            && other.fact.outcome == PageTestOutcome::Passed
            && other.fact.elapsed_ms.saturating_mul(3) <= waited_ms
    });
    let Some(upload) = upload else {
        return Judgement::nothing();
    };
    Support::likely(
        format!("A message of {bytes} bytes vanishes without a word; smaller ones get through."),
        seen.shows(format!(
            "A message of {bytes} bytes {}.",
            fate(&seen.fact.outcome)
        )),
    )
    .and(text)
    .and(upload.shows(format!(
        "An ordinary upload of at least that size took {}.",
        duration(upload.fact.elapsed_ms)
    )))
    .into()
}
