//! How the connections of one session end, again and again.

use super::pattern::{ALIKE_MIN, Life, Pattern, Shape, pattern};
use crate::evidence::{Evidence, Seen};
use crate::finding::{self, Confidence};
use crate::observation::{Attachment, AttachmentEnd, Attempt, AttemptEnd, Transport};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const IDLE: Rule = Rule {
    cause: "time-idle",
    explains: &["unknown-below-app", "time-max-life"],
    judge: |evidence| shaped(evidence, |shape| matches!(shape, Shape::Idle(_))),
};

pub(super) const AGE: Rule = Rule {
    cause: "time-max-life",
    explains: &["unknown-below-app"],
    judge: |evidence| shaped(evidence, |shape| matches!(shape, Shape::Age(_))),
};

pub(super) const UNKNOWN: Rule = Rule {
    cause: "unknown-below-app",
    explains: &[],
    judge: unknown,
};

pub(super) const FORGOTTEN: Rule = Rule {
    cause: "time-nat-silent",
    explains: &["unknown-below-app"],
    judge: forgotten,
};

/// A session's uses of transports that stay open; a poll's answer ends by itself. On the gateway's side a closed tab and a cut look
/// alike where a streamed response carries, so those count only beside the page's word.
fn lasting<'a>(evidence: &Evidence<'a>) -> Vec<Seen<'a, Attachment>> {
    if moved(evidence) {
        return Vec::new();
    }
    let page_speaks = evidence.attempts().next().is_some();
    evidence
        .attachments()
        .filter(|seen| {
            let transport = seen.fact.transport;
            let counts = match transport {
                Transport::Websocket => true,
                Transport::Stream | Transport::Sse => page_speaks,
                Transport::Poll | Transport::Plain => false,
            };
            seen.fact.attached && counts
        })
        .collect()
}

/// Whether the device itself explains its ends.
fn moved(evidence: &Evidence<'_>) -> bool {
    evidence.pages().any(|seen| {
        let page = seen.fact;
        page.slept || page.network_changed || !page.online
    })
}

fn lives<'a>(attachments: &[Seen<'a, Attachment>]) -> Vec<Life<'a>> {
    attachments
        .iter()
        .map(|seen| Life {
            client: 0,
            attachment: seen.fact,
        })
        .collect()
}

/// Attempts that had worked and died while the page looked on.
fn deaths<'a>(evidence: &Evidence<'a>) -> Vec<Seen<'a, Attempt>> {
    evidence
        .attempts()
        .filter(|seen| {
            let died = matches!(
                seen.fact.end,
                AttemptEnd::Failed { .. } | AttemptEnd::Silent
            );
            seen.fact.proven_ms.is_some() && died
        })
        .collect()
}

/// A page that comes and goes ends its connections too; where it speaks, it must have lost one itself.
fn page_agrees(evidence: &Evidence<'_>) -> bool {
    evidence.attempts().next().is_none() || !deaths(evidence).is_empty()
}

fn shaped(evidence: &Evidence<'_>, wanted: fn(Shape) -> bool) -> Judgement {
    let attachments = lasting(evidence);
    let found = pattern(&lives(&attachments));
    let Some(found) = found.filter(|found| wanted(found.shape) && page_agrees(evidence)) else {
        return Judgement::nothing();
    };
    told(&found, &attachments, deaths(evidence).first()).map_or_else(Judgement::nothing, Into::into)
}

fn told(
    found: &Pattern,
    attachments: &[Seen<'_, Attachment>],
    death: Option<&Seen<'_, Attempt>>,
) -> Option<Support> {
    let confidence = if found.is_firm() {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let mut shows = found
        .agreeing
        .iter()
        .filter_map(|&place| attachments.get(place))
        .map(shows_cut);
    let first = shows.next()?;
    Some(
        Support::new(
            confidence,
            format!(
                "A hop on the way ends each connection {}.",
                found.shape.words()
            ),
            first,
        )
        .and_all(shows.take(SHOWN_MAX))
        .and_all(death.map(|seen| {
            seen.shows(format!(
                "The page lost the transport `{}`, which had worked, without a word.",
                seen.fact.transport
            ))
        }))
        .untested("the same page from another network")
        .weighing(60),
    )
}

fn shows_cut(seen: &Seen<'_, Attachment>) -> finding::Evidence {
    let fact = seen.fact;
    let how = match fact.end {
        AttachmentEnd::Reset => "was reset",
        _ => "ended without a word",
    };
    seen.shows(format!(
        "On the gateway's side the transport `{}` {how} at the age of {}, {} after the last byte up and {} after the last one down.",
        fact.transport,
        duration(fact.age_ms),
        duration(fact.silent_up_ms),
        duration(fact.silent_down_ms),
    ))
}

/// Cuts that have nothing in common but their number, or only the bytes before them.
fn unknown(evidence: &Evidence<'_>) -> Judgement {
    let attachments = lasting(evidence);
    let found = pattern(&lives(&attachments)).filter(|_| page_agrees(evidence));
    if let Some(found) = found.filter(|found| matches!(found.shape, Shape::Bytes(_))) {
        return told(&found, &attachments, deaths(evidence).first())
            .map_or_else(Judgement::nothing, Into::into);
    }
    let cut: Vec<&Seen<'_, Attachment>> = attachments
        .iter()
        .filter(|seen| {
            matches!(
                seen.fact.end,
                AttachmentEnd::Reset | AttachmentEnd::EndOfStream
            )
        })
        .collect();
    let died = deaths(evidence);
    // Without the page's word these may be its own comings and goings.
    match (cut.first(), died.first()) {
        (Some(first), Some(death)) if cut.len() >= ALIKE_MIN && died.len() >= ALIKE_MIN => {
            Support::possible(
                format!(
                    "The connection was cut {} times while both sides were there, without a pattern: neither of them ended it.",
                    cut.len()
                ),
                shows_cut(first),
            )
            .and(death.shows("The page lost it without a word, too."))
            .and_all(cut.iter().skip(1).take(SHOWN_MAX).map(|seen| shows_cut(seen)))
            .untested("the same page from another network")
            .weighing(10)
            .into()
        }
        _ => Judgement::nothing(),
    }
}

/// Both sides wait in silence, again and again, and a new connection works at once.
fn forgotten(evidence: &Evidence<'_>) -> Judgement {
    let silent: Vec<Seen<'_, Attachment>> = lasting(evidence)
        .into_iter()
        .filter(|seen| seen.fact.used && seen.fact.end == AttachmentEnd::Silent)
        .collect();
    let unheard = deaths(evidence)
        .into_iter()
        .filter(|seen| seen.fact.end == AttemptEnd::Silent)
        .count();
    match silent.first() {
        Some(first) if silent.len() >= 2 && unheard >= 2 => Support::likely(
            "The connection falls silent for both sides although neither ended it: a hop on the way forgets it.",
            first.shows(format!(
                "The gateway heard nothing for {} and gave the transport `{}` up.",
                duration(first.fact.silent_up_ms),
                first.fact.transport
            )),
        )
        .and_all(
            silent
                .iter()
                .skip(1)
                .take(SHOWN_MAX)
                .map(|seen| seen.shows("It happened again.")),
        )
        .into(),
        _ => Judgement::nothing(),
    }
}

/// So many further ends are shown.
const SHOWN_MAX: usize = 4;
