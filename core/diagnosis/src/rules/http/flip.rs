//! Experiments with one change: did it let the handshake in, and does the first one still fail?
//!
//! A change that helps proves something only while the unchanged handshake goes on failing, so each
//! flip is followed by two repetitions. One repetition that opens makes the failure intermittent.

use crate::evidence::{Evidence, Seen, opened};
use crate::finding;
use crate::markers;
use crate::observation::{
    Change, Handshake, HandshakeOutcome, OriginKind, Response, Scheme, Stage, Switched,
};
use crate::question::Question;
use crate::rules::{Judgement, Support};

/// How many repetitions follow a change that helped.
pub(super) const REPETITIONS: u32 = 2;

/// A change, alone, that let the handshake in.
pub(super) struct Flip<'a> {
    /// The handshake that opened.
    pub opened: Seen<'a, Switched>,
    /// Its one change.
    pub change: &'a Change,
}

/// The first handshake, where it reached HTTP and did not open.
pub(super) fn failed<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Handshake>> {
    evidence.first_handshake().filter(not_open)
}

fn not_open(seen: &Seen<'_, Handshake>) -> bool {
    match &seen.fact.outcome {
        HandshakeOutcome::Switched(_) => false,
        HandshakeOutcome::Refused { .. } => true,
        HandshakeOutcome::Failed(failed) => failed.stage == Stage::Http,
    }
}

/// The change of the wanted kind that, alone, let the handshake in.
pub(super) fn find<'a>(
    evidence: &Evidence<'a>,
    wanted: impl Fn(&Change) -> bool,
) -> Option<Flip<'a>> {
    failed(evidence)?;
    evidence.handshakes().find_map(|seen| {
        let [change] = seen.fact.changes.as_slice() else {
            return None;
        };
        let opened = opened(&seen)?;
        wanted(change).then_some(Flip { opened, change })
    })
}

/// Whether a repetition of the failed first handshake opened.
pub(super) fn intermittent(evidence: &Evidence<'_>) -> bool {
    failed(evidence).is_some() && evidence.repetitions().any(|seen| opened(&seen).is_some())
}

/// The case that a flip makes: certain once the repetitions fail too, likely until then.
pub(super) fn case(
    evidence: &Evidence<'_>,
    flip: &Flip<'_>,
    summary: impl Into<String>,
    shows: impl Into<String>,
) -> Judgement {
    if intermittent(evidence) {
        return Judgement::nothing();
    }
    let shown = flip.opened.shows(shows);
    let Some(first) = failed(evidence) else {
        return Judgement::nothing();
    };
    let writer = evidence
        .refusal()
        .map_or_else(String::new, |refusal| markers::writer(refusal.fact));
    let refusal = first.shows(format!(
        "Sent as given, the handshake {}{writer}.",
        outcome(&first)
    ));
    let still = repetitions_failed(evidence);
    if still.len() >= REPETITIONS as usize {
        return Support::certain(summary, shown)
            .and(refusal)
            .and_all(still)
            .into();
    }
    Judgement::from(
        Support::likely(summary, shown)
            .and(refusal)
            .untested("whether the unchanged handshake goes on failing"),
    )
    .and_ask((1..=REPETITIONS).map(again))
}

fn repetitions_failed(evidence: &Evidence<'_>) -> Vec<finding::Evidence> {
    evidence
        .repetitions()
        .filter(not_open)
        .map(|seen| {
            seen.shows(format!(
                "Sent again unchanged, it {} once more.",
                outcome(&seen)
            ))
        })
        .collect()
}

/// The question that repeats the first handshake.
pub(super) fn again(attempt: u32) -> Question {
    Question::Handshake {
        changes: vec![Change::Again { attempt }],
    }
}

/// The question that makes one change.
pub(super) fn with(change: Change) -> Question {
    Question::Handshake {
        changes: vec![change],
    }
}

/// What came of a handshake, as the end of a sentence.
pub(super) fn outcome(seen: &Seen<'_, Handshake>) -> String {
    match &seen.fact.outcome {
        HandshakeOutcome::Switched(_) => "was accepted".into(),
        HandshakeOutcome::Refused { response } => format!("was answered {}", status(response)),
        HandshakeOutcome::Failed(failed) => {
            format!("failed: {}", crate::words::failure(&failed.failure))
        }
    }
}

/// Status and reason phrase, as on the wire.
pub(super) fn status(response: &Response) -> String {
    if response.reason.is_empty() {
        response.status.to_string()
    } else {
        format!("{} {}", response.status, response.reason)
    }
}

/// Whether the refusal is of the kind a gate at the handshake gives without further explanation.
///
/// Answers that explain themselves (a challenge, a missing Upgrade, a rate limit) are no reason
/// to try changes.
pub(super) fn unexplained(evidence: &Evidence<'_>) -> bool {
    let Some(refusal) = evidence.refusal() else {
        return failed(evidence).is_some_and(|seen| {
            matches!(&seen.fact.outcome, HandshakeOutcome::Failed(failed)
                if matches!(failed.failure,
                    crate::observation::Failure::Reset | crate::observation::Failure::EndOfStream))
        });
    };
    let response = refusal.fact;
    matches!(
        response.status,
        400 | 401 | 403 | 404 | 406 | 409 | 410 | 412 | 422 | 444
    ) && markers::complaint(response).is_none()
        && markers::challenge(response).is_none()
        && markers::captive_portal(response).is_none()
        && markers::firewall_rule(response).is_none()
        && markers::host_refused(response).is_none()
        && !markers::is_socket_io(response)
        && !markers::wants_other_version(response)
        && !markers::complains_of_size(response)
}

/// The Origin of the target's own site.
pub(super) fn site_origin(evidence: &Evidence<'_>) -> String {
    let target = evidence.target();
    let (scheme, usual) = match target.scheme {
        Scheme::Ws => ("http", 80),
        Scheme::Wss => ("https", 443),
    };
    if target.port == usual {
        format!("{scheme}://{}", target.host)
    } else {
        format!("{scheme}://{}:{}", target.host, target.port)
    }
}

/// Two gates at once: the site's Origin together with another change.
pub(super) fn with_site_origin(change: Change) -> Vec<Change> {
    vec![
        Change::Origin {
            origin: OriginKind::Site,
        },
        change,
    ]
}

/// The refusal, where it has one of these statuses.
pub(super) fn with_status<'a>(
    evidence: &Evidence<'a>,
    wanted: impl Fn(u16) -> bool,
) -> Option<Seen<'a, Response>> {
    evidence.refusal().filter(|seen| wanted(seen.fact.status))
}

/// The refusal's status and who wrote it, as evidence.
pub(super) fn answered(refusal: &Seen<'_, Response>) -> finding::Evidence {
    refusal.shows(format!(
        "The answer is {}{}.",
        status(refusal.fact),
        markers::writer(refusal.fact)
    ))
}
