//! A proxy that decrypts and works: worth knowing, and no fault.

use crate::contradiction::{Contradiction, contradictions};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::Arrival;
use crate::rules::{Judgement, Rule, Support};

pub(super) const INTERCEPTED: Rule = Rule {
    cause: "tls-intercept-trusted",
    explains: &[],
    judge: intercepted,
};

/// One contradiction is an unusual client and is not named.
fn intercepted(evidence: &Evidence<'_>) -> Judgement {
    let strangest = evidence
        .arrivals()
        .filter(|seen| hop_would_show(evidence, seen.fact))
        .map(|seen| (contradictions(seen.fact), seen))
        .max_by_key(|(found, seen)| (found.len(), std::cmp::Reverse(seen.id)));
    let Some((found, seen)) = strangest.filter(|(found, _)| found.len() >= 2) else {
        return Judgement::nothing();
    };
    let in_hello = found.iter().filter(|one| is_of_hello(**one)).count();
    // A program may name itself a browser; what a browser's own page says of the same attempt may not be doubted.
    let page = evidence.pages().next().is_some();
    let confidence = match (in_hello, found.len() - in_hello, page) {
        (1.., 1.., true) => Confidence::Certain,
        (_, 1.., _) | (_, 0, true) => Confidence::Likely,
        (_, 0, false) => Confidence::Possible,
    };
    let shows = |seen: &Seen<'_, Arrival>, one: Contradiction| seen.shows(one.sentence());
    Support::new(
        confidence,
        "A proxy on the user's side decrypts the connection and repeats each request in its own words.",
        shows(&seen, found[0]),
    )
    .and_all(found[1..].iter().map(|one| shows(&seen, *one)))
    .into()
}

/// Where TLS ends before the gateway at a hop it does not know, that hop's own traces look like a stranger's.
fn hop_would_show(evidence: &Evidence<'_>, arrival: &Arrival) -> bool {
    arrival.hello.is_some() || (arrival.trusted_hops > 0 && evidence.secure())
}

const fn is_of_hello(one: Contradiction) -> bool {
    matches!(
        one,
        Contradiction::GreaseMissing
            | Contradiction::AlpnMissing
            | Contradiction::PostQuantumMissing
    )
}
