//! No address accepts a connection: refused, dropped, or only on this port.

use crate::evidence::{Evidence, Seen};
use crate::observation::{
    Connection, ConnectionOutcome, ControlPath, ExchangeOutcome, Failure, HandshakeOutcome,
};
use crate::question::Question;
use crate::rules::dns::private;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

/// The port that networks let out when they let out anything.
const WEB: u16 = 443;

type Attempt<'a> = (Seen<'a, Connection>, &'a Failure);

/// Who was to accept the connection, in words.
fn peer(evidence: &Evidence<'_>) -> String {
    match &evidence.target().proxy {
        Some(proxy) => format!("the proxy {proxy}"),
        None => format!(
            "port {} of `{}`",
            evidence.target().port,
            evidence.target().host
        ),
    }
}

fn shows((seen, failure): &Attempt<'_>) -> crate::finding::Evidence {
    seen.shows(format!(
        "Connecting to {}: {}, after {}.",
        seen.fact.address,
        words::failure(failure),
        words::duration(seen.fact.elapsed_ms)
    ))
}

/// Whether another port of the same host may be tried: only past no proxy, and not the same port.
fn web_port(evidence: &Evidence<'_>) -> Option<Question> {
    let target = evidence.target();
    (target.proxy.is_none() && target.port != WEB).then_some(Question::ConnectPort { port: WEB })
}

/// The attempt at port 443 that succeeded.
fn web_open<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Connection>> {
    reach::at_port(evidence, WEB)
        .into_iter()
        .find(reach::connected)
}

pub(super) const REFUSED: Rule = Rule {
    cause: "tcp-refused",
    explains: &[],
    judge: refused,
};

fn refused(evidence: &Evidence<'_>) -> Judgement {
    let failed = reach::unconnected(evidence);
    // A reset that comes at once is a refusal that was a moment late.
    let Some(first) = failed
        .iter()
        .find(|(_, failure)| matches!(failure, Failure::Refused | Failure::Reset))
    else {
        return Judgement::nothing();
    };
    let dropped = failed.iter().find(|(_, failure)| reach::timed_out(failure));
    let summary = format!("Nobody accepts connections at {}.", peer(evidence));
    let case = match dropped {
        Some(dropped) => Support::possible(summary, shows(first)).but(shows(dropped)),
        None => Support::likely(summary, shows(first)),
    };
    let case = case
        .and_all(
            failed
                .iter()
                .filter(|one| one.0.id != first.0.id && *one.1 == Failure::Refused)
                .map(shows),
        )
        .weighing(60);
    let loopback = first.0.fact.address.ip().is_loopback();
    let case = if loopback {
        case
    } else {
        case.untested("whether the port is refused from another network too")
    };
    Judgement::from(case).and_ask(web_port(evidence).filter(|_| !loopback))
}

pub(super) const DROP: Rule = Rule {
    cause: "tcp-drop",
    explains: &[],
    judge: dropped,
};

fn dropped(evidence: &Evidence<'_>) -> Judgement {
    let failed = reach::unconnected(evidence);
    let Some(first) = failed.iter().find(|(_, failure)| reach::timed_out(failure)) else {
        return Judgement::nothing();
    };
    let case = Support::likely(
        format!(
            "Attempts to connect to {} disappear without an answer.",
            peer(evidence)
        ),
        shows(first),
    )
    .and_all(
        failed
            .iter()
            .filter(|one| one.0.id != first.0.id && reach::timed_out(one.1))
            .map(shows),
    )
    .untested("whether the same address and port answer from another network");
    let refused = failed
        .iter()
        .find(|(_, failure)| **failure == Failure::Refused);
    let case = match refused {
        Some(refused) => case.but(shows(refused)),
        None => case,
    };
    Judgement::from(case).and_ask(web_port(evidence))
}

pub(super) const PORT_EGRESS: Rule = Rule {
    cause: "tcp-port-egress",
    explains: &[],
    judge: port_egress,
};

/// The custom port fails and the usual one of the same host answers.
///
/// A refusal alone does not tell a closed port from a filtered one; how long it takes says where
/// it comes from.
fn port_egress(evidence: &Evidence<'_>) -> Judgement {
    let failed = reach::unconnected(evidence);
    let (Some(first), Some(question)) = (failed.first(), web_port(evidence)) else {
        return Judgement::nothing();
    };
    if first.0.fact.address.ip().is_loopback() && *first.1 == Failure::Refused {
        return Judgement::nothing();
    }
    let Some(open) = web_open(evidence) else {
        return Judgement::ask([question]);
    };
    let port = evidence.target().port;
    let summary = format!(
        "This network lets port {WEB} out and not port {port}: the host itself is reachable."
    );
    let opened = open.shows(format!(
        "Port {WEB} of the same host accepts a connection, after {}.",
        words::duration(open.fact.elapsed_ms)
    ));
    let silent = failed
        .iter()
        .find(|(_, failure)| reach::timed_out(failure) || **failure == Failure::Unreachable);
    let case = match silent {
        Some(silent) => Support::likely(summary, shows(silent)).weighing(70),
        None if nearer(&first.0, &open) => {
            Support::likely(summary, shows(first))
                .weighing(70)
                .and(open.shows(
                "The refusal comes faster than the host can answer, so something nearer says no.",
            ))
        }
        None if *first.1 == Failure::Refused && as_far(&first.0, &open) => {
            Support::possible(summary, shows(first)).but(open.shows(
                "The refusal takes as long as the host needs to answer, so it may come from there.",
            ))
        }
        // Too near to tell by time: a host that serves the web makes the network the likelier.
        None if *first.1 == Failure::Refused => Support::likely(summary, shows(first)).weighing(65),
        None => return Judgement::nothing(),
    };
    case.and(opened)
        .untested(format!(
            "whether port {port} of the host answers from another network"
        ))
        .into()
}

/// Shortest round trip, in milliseconds, against which a refusal can be called too fast.
const ROUND_TRIP_MS_MIN: u64 = 8;

fn nearer(refused: &Seen<'_, Connection>, open: &Seen<'_, Connection>) -> bool {
    open.fact.elapsed_ms >= ROUND_TRIP_MS_MIN
        && refused.fact.elapsed_ms.saturating_mul(4) <= open.fact.elapsed_ms
        && matches!(
            refused.fact.outcome,
            ConnectionOutcome::Failed(Failure::Refused)
        )
}

fn as_far(refused: &Seen<'_, Connection>, open: &Seen<'_, Connection>) -> bool {
    open.fact.elapsed_ms >= ROUND_TRIP_MS_MIN
        && refused.fact.elapsed_ms.saturating_mul(2) >= open.fact.elapsed_ms
}

pub(super) const ADDRESS_BLOCK: Rule = Rule {
    cause: "tcp-ip-block",
    explains: &[],
    judge: address_block,
};

/// A block of this network's address drops or resets everything, on every port of the host.
fn address_block(evidence: &Evidence<'_>) -> Judgement {
    if evidence.target().proxy.is_some() {
        return Judgement::nothing();
    }
    let case = match dropped_everywhere(evidence) {
        Some(shown) => Some(shown),
        None => match reset_whatever_is_sent(evidence) {
            Resets::All(shown) => Some(shown),
            Resets::Unknown => return Judgement::ask([control_root()]),
            Resets::No => None,
        },
    };
    let Some(mut shown) = case.map(Vec::into_iter) else {
        return Judgement::nothing();
    };
    match shown.next() {
        Some(first) => Support::possible(
            "The server's side may block the address that this network shows to the outside.",
            first,
        )
        .and_all(shown)
        .untested("the same from another network, for example a phone's hotspot")
        .weighing(20)
        .into(),
        None => Judgement::nothing(),
    }
}

fn dropped_everywhere(evidence: &Evidence<'_>) -> Option<Vec<crate::finding::Evidence>> {
    let failed = reach::unconnected(evidence);
    let silent = |(seen, failure): &Attempt<'_>| {
        reach::timed_out(failure) && !private(seen.fact.address.ip())
    };
    if failed.is_empty() || !failed.iter().all(silent) || web_open(evidence).is_some() {
        return None;
    }
    let web = reach::at_port(evidence, WEB);
    let web = web.iter().map(|seen| {
        seen.shows(format!(
            "Port {WEB} of the same host does not answer either."
        ))
    });
    Some(failed.iter().take(1).map(shows).chain(web).collect())
}

/// Whether every request on an accepted connection met a reset.
enum Resets {
    No,
    Unknown,
    All(Vec<crate::finding::Evidence>),
}

fn control_root() -> Question {
    Question::Control {
        path: ControlPath::Root,
        plain: false,
    }
}

fn reset_whatever_is_sent(evidence: &Evidence<'_>) -> Resets {
    let accepted = reach::attempts(evidence)
        .into_iter()
        .find(reach::connected)
        .filter(|seen| !seen.fact.address.ip().is_loopback());
    let first = reach::unanswered(evidence).filter(|seen| seen.fact.failure == Failure::Reset);
    let (Some(_), Some(first), false) = (accepted, first, evidence.secure()) else {
        return Resets::No;
    };
    let any_answer = evidence
        .handshakes()
        .any(|seen| !matches!(seen.fact.outcome, HandshakeOutcome::Failed(_)));
    let root = evidence
        .exchanges()
        .find(|seen| seen.fact.path == ControlPath::Root);
    match root.map(|seen| (seen, &seen.fact.outcome)) {
        _ if any_answer => Resets::No,
        None if evidence.not_tested(&control_root()).is_some() => Resets::No,
        None => Resets::Unknown,
        Some((seen, ExchangeOutcome::Failed(failed))) if failed.failure == Failure::Reset => {
            Resets::All(vec![
                first.shows(
                    "The connection is accepted and reset as soon as the handshake is sent.",
                ),
                seen.shows("An ordinary request is reset alike."),
            ])
        }
        Some(_) => Resets::No,
    }
}
