//! One address family of the same name works and the other does not.

use crate::Confidence;
use crate::evidence::{Evidence, Seen};
use crate::observation::{Connection, ConnectionOutcome, Failure};
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

pub(super) const IPV6_BROKEN: Rule = Rule {
    cause: "tcp-v6-broken",
    explains: &[],
    judge: ipv6_broken,
};

/// A refusal or a missing route costs a client nothing, so only silence counts.
fn ipv6_broken(evidence: &Evidence<'_>) -> Judgement {
    let attempts = reach::attempts(evidence);
    let six = |seen: &&Seen<'_, Connection>| seen.fact.address.is_ipv6();
    let works = |seen: &&Seen<'_, Connection>| reach::connected(seen);
    let silent = attempts
        .iter()
        .filter(six)
        .find_map(|seen| match &seen.fact.outcome {
            ConnectionOutcome::Failed(Failure::TimedOut { waited_ms }) => Some((seen, *waited_ms)),
            _ => None,
        });
    let (Some((silent, waited_ms)), Some(four)) = (
        silent,
        attempts.iter().filter(|seen| !six(seen)).find(works),
    ) else {
        return Judgement::nothing();
    };
    if attempts.iter().filter(six).any(|seen| works(&seen)) {
        return Judgement::nothing();
    }
    // While something else is broken too, this one only costs time and comes after it.
    let (confidence, weight) = if reach::works(evidence) {
        (Confidence::Certain, 50)
    } else {
        (Confidence::Possible, 5)
    };
    Support::new(
        confidence,
        "The name has an IPv6 address that does not answer: clients that try it first wait before they fall back to IPv4.",
        silent.shows(format!(
            "Connecting to {} over IPv6: no answer within {}.",
            silent.fact.address,
            words::duration(waited_ms)
        )),
    )
    .and(four.shows(format!(
        "Connecting to {} over IPv4 takes {}.",
        four.fact.address,
        words::duration(four.fact.elapsed_ms)
    )))
    .weighing(weight)
    .into()
}
