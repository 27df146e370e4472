//! A WebSocket that opens, and then its first message is its end, or nothing gets through.

use super::facts::{Sides, heard_nothing};
use super::trial::{Came, Trial};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{Attachment, AttachmentEnd};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const RESET: Rule = Rule {
    cause: "proxy-101-rst",
    explains: &["unknown-below-app"],
    judge: reset,
};

pub(super) const MUTE: Rule = Rule {
    cause: "proxy-101-mute",
    explains: &["unknown-below-app"],
    judge: mute,
};

/// Whether the gateway agreed to a WebSocket of this page.
fn agreed(sides: &Sides<'_>) -> bool {
    let switched = sides
        .arrivals
        .iter()
        .any(|seen| seen.fact.status == 101 || seen.fact.status == 200);
    switched || !sides.sockets.is_empty()
}

/// Uses of a WebSocket that ended on the way before the client was heard.
fn cut_unheard<'s, 'a>(sides: &'s Sides<'a>) -> Vec<&'s Seen<'a, Attachment>> {
    sides
        .sockets
        .iter()
        .filter(|seen| {
            let soon = seen.fact.age_ms <= SOON_MS;
            heard_nothing(seen.fact) && seen.fact.end.is_cut() && soon
        })
        .collect()
}

fn reset(evidence: &Evidence<'_>) -> Judgement {
    let sides = Sides::of(evidence);
    if sides.websocket_works() || !agreed(&sides) {
        return Judgement::nothing();
    }
    let heard = sides.sockets.iter().any(|seen| !heard_nothing(seen.fact));
    let unheard = cut_unheard(&sides);
    let unheard: Vec<&Seen<'_, Attachment>> = unheard
        .into_iter()
        .filter(|seen| seen.fact.end != AttachmentEnd::Silent)
        .collect();
    if heard {
        return Judgement::nothing();
    }
    if !sides.page_speaks() {
        return by_gateway_alone(evidence, &sides, &unheard, RESET_SUMMARY);
    }
    let failures = sides.failures(|came| match came {
        Came::Cut { after_ms } => after_ms <= SOON_MS,
        // The cut may overtake the gateway's agreement; then its side must have seen the cut.
        Came::Refused { .. } => !unheard.is_empty(),
        _ => false,
    });
    let Some((first, control)) = failures
        .iter()
        .find_map(|trial| Some((*trial, sides.control(trial)?)))
    else {
        return Judgement::nothing();
    };
    let opened = failures
        .iter()
        .any(|trial| matches!(trial.came, Came::Cut { .. }));
    let confidence = if opened && !unheard.is_empty() {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    Support::new(confidence, RESET_SUMMARY, first.shows())
        .and_all(unheard.first().map(|seen| shows_unheard(seen)))
        .and(control.shows())
        .and_all(others(&failures, first))
        .weighing(65)
        .into()
}

fn mute(evidence: &Evidence<'_>) -> Judgement {
    let sides = Sides::of(evidence);
    if sides.websocket_works() || !agreed(&sides) {
        return Judgement::nothing();
    }
    if !sides.page_speaks() {
        let given_up: Vec<&Seen<'_, Attachment>> = sides
            .sockets
            .iter()
            .filter(|seen| heard_nothing(seen.fact) && seen.fact.end == AttachmentEnd::Silent)
            .collect();
        return by_gateway_alone(evidence, &sides, &given_up, MUTE_SUMMARY);
    }
    let failures = sides.failures(|came| match came {
        Came::Mute { .. } | Came::Unanswered { .. } => true,
        Came::Cut { after_ms } => after_ms > SOON_MS,
        _ => false,
    });
    let Some((first, control)) = failures
        .iter()
        .find_map(|trial| Some((*trial, sides.control(trial)?)))
    else {
        return Judgement::nothing();
    };
    let heard = sides.sockets.iter().find(|seen| !heard_nothing(seen.fact));
    let unheard = sides.sockets.iter().find(|seen| heard_nothing(seen.fact));
    let (summary, gateway) = match (heard, unheard) {
        (Some(seen), _) => (
            "The WebSocket opens and the page is heard, but what the gateway sends never reaches the page.",
            Some(seen.shows(format!(
                "The page's first message reached the gateway, which sent {} bytes.",
                seen.fact.bytes_down
            ))),
        ),
        (None, Some(seen)) => (MUTE_SUMMARY, Some(shows_unheard(seen))),
        (None, None) => (MUTE_SUMMARY, None),
    };
    let opened = failures
        .iter()
        .any(|trial| matches!(trial.came, Came::Mute { .. }));
    let confidence = if opened && gateway.is_some() {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    let agreement = sides
        .arrivals
        .first()
        .map(|seen| seen.shows("The gateway agreed to the WebSocket (101)."));
    Support::new(confidence, summary, first.shows())
        .and_all(gateway.or(agreement))
        .and(control.shows())
        .and_all(others(&failures, first))
        .weighing(60)
        .into()
}

/// Without the page's word a client that leaves looks the same, so it takes two, and a session that fell back.
fn by_gateway_alone(
    evidence: &Evidence<'_>,
    sides: &Sides<'_>,
    ends: &[&Seen<'_, Attachment>],
    summary: &str,
) -> Judgement {
    let fallback = evidence
        .attachments()
        .find(|seen| !seen.fact.transport.is_websocket() && seen.fact.attached && seen.fact.used);
    let never_attached = sides.sockets.iter().all(|seen| !seen.fact.attached);
    match (ends, fallback) {
        ([first, _, ..], Some(fallback)) if never_attached => {
            Support::likely(summary, shows_unheard(first))
                .and_all(ends.iter().skip(1).map(|seen| shows_unheard(seen)))
                .and(fallback.shows(format!(
                    "The session went on over the transport `{}`.",
                    fallback.fact.transport
                )))
                .untested("what the page saw of it")
                .into()
        }
        _ => Judgement::nothing(),
    }
}

fn others<'s>(
    failures: &'s [&Trial],
    first: &'s Trial,
) -> impl Iterator<Item = crate::finding::Evidence> + 's {
    failures
        .iter()
        .filter(|trial| trial.id != first.id)
        .map(|trial| trial.shows())
}

fn shows_unheard(seen: &Seen<'_, Attachment>) -> crate::finding::Evidence {
    let age = duration(seen.fact.age_ms);
    seen.shows(match seen.fact.end {
        AttachmentEnd::Reset => format!(
            "The gateway agreed (101) and received no byte from the client; the connection was reset after {age}."
        ),
        AttachmentEnd::EndOfStream => format!(
            "The gateway agreed (101) and received no byte from the client; the connection ended after {age}."
        ),
        _ => format!("The gateway agreed (101) and received no byte from the client within {age}."),
    })
}

const RESET_SUMMARY: &str = "The WebSocket opens, and the connection is cut as soon as the page sends its first message: it never reaches the gateway.";
const MUTE_SUMMARY: &str =
    "The WebSocket opens, and after that nothing gets through although both sides stay connected.";
/// A cut at the first frame comes within this time of the opening.
const SOON_MS: u64 = 5_000;
