//! Handshakes that get no answer, and failures that come and go.

use super::flip;
use crate::evidence::{Evidence, Seen, opened, refused};
use crate::finding::Confidence;
use crate::markers;
use crate::observation::{
    ControlPath, ExchangeOutcome, Failure, Handshake, HandshakeOutcome, Response,
};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};
use crate::words;

const CONTROL_SAME: Question = Question::Control {
    path: ControlPath::Same,
    plain: false,
};
const CONTROL_ROOT: Question = Question::Control {
    path: ControlPath::Root,
    plain: false,
};

pub(super) const HANGS: Rule = Rule {
    cause: "http-504-hang",
    explains: &["unknown-below-app", "tcp-fake-accept"],
    judge: hangs,
};

fn hangs(evidence: &Evidence<'_>) -> Judgement {
    if let Some(refusal) = flip::with_status(evidence, |status| matches!(status, 504 | 522 | 524)) {
        return Support::certain(
            "The reverse proxy waited for the server behind it and gave up.",
            flip::answered(&refusal),
        )
        .into();
    }
    let Some(waited) = silent(evidence) else {
        return Judgement::nothing();
    };
    let (seen, waited_ms) = waited;
    let shows = seen.shows(format!(
        "The handshake was sent and nothing came back within {}.",
        words::duration(waited_ms)
    ));
    let summary = "The server takes the connection and never answers the handshake.";
    let control = evidence
        .exchanges()
        .find(|seen| seen.fact.path == ControlPath::Same);
    match control {
        None => Judgement::from(Support::likely(summary, shows)).and_ask([CONTROL_SAME]),
        Some(control) => match &control.fact.outcome {
            ExchangeOutcome::Answered { response } => Support::certain(summary, shows)
                .and(control.shows(format!(
                    "The same path without a handshake is answered {} within {}.",
                    flip::status(response),
                    words::duration(control.fact.elapsed_ms)
                )))
                .into(),
            ExchangeOutcome::Failed(_) => Support::likely(summary, shows)
                .and(control.shows("An ordinary request for the same path is not answered either."))
                .into(),
        },
    }
}

fn silent<'a>(evidence: &Evidence<'a>) -> Option<(Seen<'a, Handshake>, u64)> {
    let seen = flip::failed(evidence)?;
    match &seen.fact.outcome {
        HandshakeOutcome::Failed(failed) => match failed.failure {
            Failure::TimedOut { waited_ms } => Some((seen, waited_ms)),
            _ => None,
        },
        _ => None,
    }
}

pub(super) const STICKY: Rule = Rule {
    cause: "http-sticky",
    explains: &[
        "http-403-connect-refused",
        "http-400-generic",
        "http-400-socketio",
        "http-404",
        "http-502",
        "http-503",
        "http-500",
    ],
    judge: sticky,
};

/// How often an unexplained failure is repeated to see whether it comes and goes.
const REPETITIONS: u32 = 4;

/// Refusals of handshakes that repeat the first one unchanged, to talk or to watch.
pub(super) fn later_refusals<'a>(
    evidence: &Evidence<'a>,
) -> impl Iterator<Item = Seen<'a, Response>> + use<'a> {
    evidence
        .handshakes()
        .filter(|seen| seen.fact.changes.is_empty())
        .skip(1)
        .filter_map(|seen| refused(&seen))
}

fn sticky(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = flip::failed(evidence) else {
        return refused_later(evidence);
    };
    let all: Vec<Seen<'_, Handshake>> = std::iter::once(first)
        .chain(evidence.repetitions())
        .collect();
    let in_count = all.iter().filter(|seen| opened(seen).is_some()).count();
    if in_count > 0 {
        let last = all
            .iter()
            .rev()
            .find(|seen| opened(seen).is_some())
            .unwrap_or(&first);
        return Judgement::from(
            Support::likely(
                format!(
                    "The same handshake is now accepted, now refused ({in_count} of {} accepted): the servers behind this address differ.",
                    all.len()
                ),
                first.shows(format!("At first it {}.", flip::outcome(&first))),
            )
            .and(last.shows("The same handshake, repeated unchanged, was accepted."))
            .untested("which of the servers behind the load balancer refuses"),
        )
        .and_ask((all.len() as u64 <= 6).then(|| flip::again(u32::try_from(all.len()).unwrap_or(u32::MAX))));
    }
    let doubtful = evidence.refusal().is_some_and(|refusal| {
        matches!(refusal.fact.status, 400 | 404 | 500 | 502 | 503)
            && markers::complaint(refusal.fact).is_none()
    }) && flip::find(evidence, |_| true).is_none();
    if doubtful {
        Judgement::ask(
            (1..=REPETITIONS)
                .map(flip::again)
                .chain([CONTROL_SAME, CONTROL_ROOT]),
        )
    } else {
        Judgement::nothing()
    }
}

/// The first handshake was let in and an equal one was not.
fn refused_later(evidence: &Evidence<'_>) -> Judgement {
    let later = later_refusals(evidence).find(|refusal| refusal.fact.status != 429);
    let (Some(first), Some(later)) = (evidence.switched(), later) else {
        return Judgement::nothing();
    };
    // A second handshake within moments that meets 503 more often met a limit than another server.
    let confidence = match later.fact.status {
        503 => Confidence::Possible,
        _ => Confidence::Likely,
    };
    Support::new(
        confidence,
        "The same handshake is now accepted, now refused: the servers behind this address differ.",
        later.shows(format!(
            "The same handshake, sent again, is answered {}.",
            flip::status(later.fact)
        )),
    )
    .and(first.shows("The first handshake was accepted."))
    .untested("which of the servers behind the load balancer refuses")
    .into()
}
