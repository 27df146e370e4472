//! WebSocket over HTTP/2 (RFC 8441) is offered and does not work, while HTTP/1.1 does.

use super::flip;
use crate::evidence::{Evidence, opened};
use crate::observation::{Change, Failure, HandshakeOutcome};
use crate::rules::{Judgement, Rule, Support};

pub(super) const EXTENDED_CONNECT: Rule = Rule {
    cause: "http-h2-extconnect",
    explains: &[],
    judge: extended_connect,
};

fn extended_connect(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = evidence.first_handshake() else {
        return Judgement::nothing();
    };
    if opened(&first).is_none() {
        return Judgement::nothing();
    }
    let Some(over_http2) = evidence.handshake(&[Change::Http2]) else {
        return Judgement::nothing();
    };
    let offered_and_failed = match &over_http2.fact.outcome {
        HandshakeOutcome::Switched(_) => false,
        HandshakeOutcome::Refused { .. } => true,
        HandshakeOutcome::Failed(failed) => {
            matches!(
                failed.failure,
                Failure::Http2 { .. }
                    | Failure::TimedOut { .. }
                    | Failure::Reset
                    | Failure::EndOfStream
            ) && failed.stage == crate::observation::Stage::Http
        }
    };
    if !offered_and_failed {
        return Judgement::nothing();
    }
    Support::certain(
        "The server offers WebSocket over HTTP/2 and does not carry it through; over HTTP/1.1 the same WebSocket opens. Browsers take the offer once a page came over HTTP/2, and fail.",
        over_http2.shows(format!("Over HTTP/2 the handshake {}.", flip::outcome(&over_http2))),
    )
    .and(first.shows("Over HTTP/1.1 the handshake is accepted."))
    .into()
}
