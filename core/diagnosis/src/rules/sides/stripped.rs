//! A WebSocket that arrives as an ordinary request: who took its upgrade away?
//!
//! `Upgrade` belongs to one hop (RFC 9110 section 7.6.1), so any hop that does not know it loses it: the user's
//! proxy, one that inspects TLS, or the operator's own in front of the gateway. What tells them apart is where TLS
//! ends, and whether other clients' upgrades arrive.

use super::facts::Sides;
use super::trial::{Came, Trial};
use crate::contradiction::{Contradiction, contradictions, is_browser};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{Arrival, History};
use crate::rules::{Judgement, Rule, Support};

pub(super) const INSPECTED: Rule = Rule {
    cause: "proxy-inspect-strip",
    explains: &[],
    judge: |evidence| judge(evidence, Who::Inspector),
};

pub(super) const PLAIN: Rule = Rule {
    cause: "proxy-plain-ws",
    explains: &[],
    judge: |evidence| judge(evidence, Who::PlainProxy),
};

pub(super) const FRONT: Rule = Rule {
    cause: "http-upgrade-stripped",
    explains: &[],
    judge: |evidence| judge(evidence, Who::Front),
};

/// Who may have taken the upgrade away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// A proxy that decrypts, on the user's side.
    Inspector,
    /// A proxy on the user's side that reads what is not encrypted.
    PlainProxy,
    /// The operator's own.
    Front,
}

fn judge(evidence: &Evidence<'_>, who: Who) -> Judgement {
    let sides = Sides::of(evidence);
    if sides.websocket_works() {
        return Judgement::nothing();
    }
    let lost: Vec<&Seen<'_, Arrival>> = sides
        .arrivals
        .iter()
        .filter(|seen| lost(seen.fact, &sides, evidence))
        .collect();
    let Some(first) = lost.first() else {
        return Judgement::nothing();
    };
    let Some(confidence) = weigh(evidence, &sides, first.fact, who) else {
        return Judgement::nothing();
    };
    let key = if first.fact.has("sec-websocket-key") {
        "`Sec-WebSocket-Key` is there and `Upgrade: websocket` is not"
    } else {
        "it came without `Upgrade: websocket`"
    };
    let mut support = Support::new(
        confidence,
        summary(who),
        first.shows(format!(
            "The page's WebSocket reached the gateway as an ordinary request: {key}."
        )),
    )
    .and_all(
        contradictions(first.fact)
            .into_iter()
            .filter(|one| *one != Contradiction::UpgradeLost)
            .map(|one| first.shows(one.sentence())),
    )
    .and_all(
        sides
            .trials
            .iter()
            .find(|trial| trial.came != Came::Untold)
            .map(Trial::shows),
    )
    .weighing(70);
    match everyone(evidence) {
        Some((Everyone::Loses { clients }, seen)) => {
            let shows = seen.shows(format!(
                "The upgrade was lost for all {clients} clients that tried."
            ));
            support = if who == Who::Front {
                support.and(shows)
            } else {
                support.but(shows)
            };
        }
        Some((Everyone::Arrives { clients }, seen)) => {
            support = support.and(seen.shows(format!(
                "The upgrades of {clients} other clients arrived whole."
            )));
        }
        None => {
            support = support.untested("whether other clients' upgrades arrive");
        }
    }
    support.into()
}

/// Whether a request was a page's WebSocket and arrived without its upgrade. A hop may take the key away as well; then
/// only the page's word, or what else came of the same page, tells it from somebody's visit.
fn lost(arrival: &Arrival, sides: &Sides<'_>, evidence: &Evidence<'_>) -> bool {
    if matches!(arrival.status, 101) || arrival.request.version == "HTTP/2" {
        return false;
    }
    let upgrade = arrival
        .header("upgrade")
        .is_some_and(|value| value.to_ascii_lowercase().contains("websocket"));
    let others = evidence
        .arrivals()
        .any(|seen| !seen.fact.transport.is_websocket());
    let known = sides.page_speaks() || others;
    !upgrade && (known || (arrival.has("sec-websocket-key") && is_browser(arrival)))
}

/// How sure it is that this hop did it; nothing where it was another.
fn weigh(
    evidence: &Evidence<'_>,
    sides: &Sides<'_>,
    arrival: &Arrival,
    who: Who,
) -> Option<Confidence> {
    use Confidence::{Certain, Likely, Possible};
    let all = everyone(evidence).map(|(everyone, _)| everyone);
    let all_lose = matches!(all, Some(Everyone::Loses { .. }));
    let others_arrive = matches!(all, Some(Everyone::Arrives { .. }));
    let found = contradictions(arrival);
    let forwarded = found.contains(&Contradiction::ForwardingHeaders);
    let page_secure = sides.page.is_some_and(|page| page.fact.secure);
    if arrival.hello.is_some() {
        // TLS ends at this gateway, so no hop of the operator reads what is inside.
        let sure = if found.len() >= 2 { Certain } else { Likely };
        return (who == Who::Inspector).then_some(sure);
    }
    if all_lose {
        return (who == Who::Front).then_some(Certain);
    }
    let tls = evidence.secure() || page_secure;
    // Where the gateway does not know of the hop that ends TLS, that hop's own headers look like a stranger's.
    let strangers = forwarded && (evidence.secure() || !page_secure);
    match (who, tls) {
        (Who::Inspector, true) => Some(Likely),
        (Who::PlainProxy, false) => (strangers || others_arrive).then_some(Likely),
        (Who::Front, true) => (!strangers && !others_arrive).then_some(Possible),
        (Who::Front, false) => (!strangers && !others_arrive).then_some(Likely),
        (Who::Inspector, false) | (Who::PlainProxy, true) => None,
    }
}

fn summary(who: Who) -> &'static str {
    match who {
        Who::Inspector => {
            "A proxy decrypts the connection and repeats the request without its upgrade, so that no WebSocket comes about."
        }
        Who::PlainProxy => {
            "A proxy on the way reads the unencrypted request and takes the upgrade out of it, so that no WebSocket comes about."
        }
        Who::Front => {
            "A reverse proxy in front of the gateway does not pass the upgrade on, so that no WebSocket comes about."
        }
    }
}

/// How the upgrades of all clients of this gateway arrive.
enum Everyone {
    Loses { clients: usize },
    Arrives { clients: usize },
}

fn everyone<'a>(evidence: &Evidence<'a>) -> Option<(Everyone, Seen<'a, History>)> {
    let seen = evidence
        .histories()
        .find(|seen| seen.fact.network == History::ALL)?;
    let arrivals = &seen.fact.arrivals;
    let whole = arrivals
        .iter()
        .filter(|past| past.whole > 0 && past.lost_upgrade == 0)
        .count();
    let losing = arrivals
        .iter()
        .filter(|past| past.whole == 0 && past.lost_upgrade > 0)
        .count();
    if whole > 0 {
        Some((Everyone::Arrives { clients: whole }, seen))
    } else if losing >= CLIENTS_MIN {
        Some((Everyone::Loses { clients: losing }, seen))
    } else {
        None
    }
}

/// So many clients that all lose their upgrade have more in common than their own networks.
const CLIENTS_MIN: usize = 2;
