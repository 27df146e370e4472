//! A WebSocket that never reaches the gateway, while everything else does.

use super::facts::Sides;
use super::trial::{Came, Trial};
use crate::evidence::Evidence;
use crate::finding::Confidence;
use crate::rules::{Judgement, Rule, Support};

pub(super) const FORBIDDEN: Rule = Rule {
    cause: "proxy-ws-policy",
    explains: &[],
    judge: forbidden,
};

/// WebSockets that failed on the way, where not one of them arrived. Empty without the gateway's word for that.
pub(super) fn never_arrived<'s>(sides: &'s Sides<'_>) -> Vec<&'s Trial> {
    let arrived = !sides.arrivals.is_empty() || !sides.sockets.is_empty();
    if arrived || !sides.gateway_saw || sides.websocket_works() {
        return Vec::new();
    }
    sides.failures(|came| matches!(came, Came::Refused { .. } | Came::Unanswered { .. }))
}

fn forbidden(evidence: &Evidence<'_>) -> Judgement {
    let sides = Sides::of(evidence);
    let failures = never_arrived(&sides);
    let Some((first, control)) = failures
        .iter()
        .find_map(|trial| Some((*trial, sides.control(trial)?)))
    else {
        return Judgement::nothing();
    };
    let at_once = failures
        .iter()
        .any(|trial| matches!(trial.came, Came::Refused { after_ms } if after_ms < LOCAL_MS));
    let confidence = if !sides.native() {
        Confidence::Possible
    } else if failures.len() >= 2 && !at_once {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    let how = match first.came {
        Came::Unanswered { .. } => "is left without an answer",
        _ => "is refused",
    };
    Support::new(
        confidence,
        format!(
            "Something on the way lets ordinary requests pass and no WebSocket: the attempt {how}, and nothing of it reaches the gateway."
        ),
        first.shows(),
    )
    .and(control.shows())
    .and_all(failures.iter().filter(|trial| trial.id != first.id).map(|trial| trial.shows()))
    .untested("the same page in a browser without extensions, and from another network")
    .untested("whether other clients' WebSockets reach the gateway")
    .weighing(60)
    .into()
}

/// Sooner than this a failure may have come from the browser itself.
pub(super) const LOCAL_MS: u64 = 5;
