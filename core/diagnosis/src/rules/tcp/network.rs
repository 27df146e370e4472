//! The network as a whole: no route at all, somebody else who accepts, a server that accepts only sometimes.

use crate::evidence::{Evidence, Seen};
use crate::observation::{
    Connection, ConnectionOutcome, Failure, NameOutcome, Resolution, TlsVariation,
};
use crate::question::Question;
use crate::rules::dns::unreachable_resolver;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

pub(super) const OFFLINE: Rule = Rule {
    cause: "net-offline",
    explains: &["dns-servfail", "tcp-drop", "tcp-refused"],
    judge: offline,
};

fn offline(evidence: &Evidence<'_>) -> Judgement {
    let summary = "This machine has no route to the network.";
    let failed = reach::unconnected(evidence);
    let unroutable = |failure: &Failure| match failure {
        Failure::Unreachable => true,
        // A "blackhole" route makes the call itself invalid.
        Failure::Other { detail } => detail.contains("Invalid argument"),
        _ => false,
    };
    if let Some((seen, _)) = failed.first()
        && failed.iter().all(|(_, failure)| unroutable(failure))
    {
        let case = Support::likely(
            summary,
            seen.shows(format!(
                "Connecting to {}: there is no route, after {}.",
                seen.fact.address,
                words::duration(seen.fact.elapsed_ms)
            )),
        )
        .and_all(failed.iter().skip(1).map(|(seen, _)| {
            seen.shows(format!(
                "Connecting to {}: there is no route.",
                seen.fact.address
            ))
        }))
        .untested("whether any other host can be reached")
        .weighing(60);
        return case.into();
    }
    let lookup = reach::lookup(evidence).filter(no_answer);
    let servers = reach::asked_directly(evidence, false);
    match (lookup, servers.first()) {
        (Some(lookup), Some(server))
            if !reach::works(evidence)
                && servers.iter().all(|seen| unreachable_resolver(seen.fact)) =>
        {
            Support::likely(
                summary,
                server.shows(
                    "A query to the configured name server cannot leave: there is no route.",
                ),
            )
            .and(lookup.shows("The system's lookup fails."))
            .weighing(60)
            .into()
        }
        _ => Judgement::nothing(),
    }
}

fn no_answer(seen: &Seen<'_, Resolution>) -> bool {
    matches!(
        seen.fact.outcome,
        NameOutcome::ServerFailure | NameOutcome::TimedOut | NameOutcome::Other { .. }
    )
}

pub(super) const FAKE_ACCEPT: Rule = Rule {
    cause: "tcp-fake-accept",
    explains: &[],
    judge: fake_accept,
};

/// A port of the discard service, which no server on the internet has open any more.
const CANARY: u16 = 9;

/// The connection stands and not one byte comes back whatever is said: who accepted it?
fn fake_accept(evidence: &Evidence<'_>) -> Judgement {
    let Some(accepted) = reach::attempts(evidence).into_iter().find(reach::connected) else {
        return Judgement::nothing();
    };
    let Some(silence) = silent(evidence) else {
        return Judgement::nothing();
    };
    if evidence.target().proxy.is_some() || accepted.fact.address.ip().is_loopback() {
        return Judgement::nothing();
    }
    let summary = "Something on the way may accept the connection in the server's place.";
    let canary = reach::at_port(evidence, CANARY)
        .into_iter()
        .find(reach::connected);
    match canary {
        Some(canary) => Support::likely(
            summary,
            canary.shows(format!(
                "Even port {CANARY}, where nobody listens, accepts a connection at this address."
            )),
        )
        .and(silence)
        .weighing(60)
        .into(),
        None if !evidence.secure() => Judgement::ask([Question::ConnectPort { port: CANARY }]),
        None => Judgement::from(
            Support::possible(
                summary,
                accepted.shows(format!(
                    "{} accepts the connection within {}.",
                    accepted.fact.address,
                    words::duration(accepted.fact.elapsed_ms)
                )),
            )
            .and(silence)
            .untested("whether a port known to be closed accepts connections too")
            .weighing(20),
        )
        .and_ask([Question::ConnectPort { port: CANARY }]),
    }
}

/// The silence after a connection, where every variation of the first message met it.
fn silent(evidence: &Evidence<'_>) -> Option<crate::finding::Evidence> {
    if !evidence.secure() {
        let failed = reach::unanswered(evidence)?;
        return reach::timed_out(&failed.fact.failure).then(|| {
            failed.shows(format!(
                "After it, {}.",
                words::failure(&failed.fact.failure)
            ))
        });
    }
    let (first, failure) = reach::tls_failed(evidence)?;
    let small = evidence.tls(&TlsVariation::WithoutPostQuantum)?;
    let all_silent = evidence
        .tls_attempts()
        .filter(|seen| seen.fact.route.proxy.is_none())
        .all(|seen| reach::failure(&seen).is_some_and(reach::timed_out));
    (all_silent && reach::timed_out(failure) && small.id != first.id).then(|| {
        first.shows(format!(
            "To every TLS hello, large or small: {}.",
            words::failure(failure)
        ))
    })
}

pub(super) const BACKLOG: Rule = Rule {
    cause: "tcp-backlog",
    explains: &["tcp-drop", "tcp-fake-accept", "tcp-ip-block"],
    judge: backlog,
};

/// One address accepted a connection and dropped another: its queue is full at times.
fn backlog(evidence: &Evidence<'_>) -> Judgement {
    if reach::works(evidence) {
        return Judgement::nothing();
    }
    let to_proxy = evidence.target().proxy.is_some();
    let here: Vec<Seen<'_, Connection>> = evidence
        .connections()
        .filter(|seen| seen.fact.to_proxy == to_proxy)
        .collect();
    let flapping = here.iter().find_map(|silent| {
        let ConnectionOutcome::Failed(Failure::TimedOut { waited_ms }) = &silent.fact.outcome
        else {
            return None;
        };
        let accepted = here
            .iter()
            .find(|seen| seen.fact.address == silent.fact.address && reach::connected(seen))?;
        Some((silent, accepted, *waited_ms))
    });
    let Some((silent, accepted, waited_ms)) = flapping else {
        return Judgement::nothing();
    };
    Support::likely(
        "The server accepts connections only now and then: its queue of waiting connections is full.",
        silent.shows(format!(
            "An attempt to connect to {} got no answer within {}.",
            silent.fact.address,
            words::duration(waited_ms)
        )),
    )
    .and(accepted.shows("Another attempt at the same address was accepted."))
    .untested("whether the same happens from another network")
    .weighing(60)
    .into()
}
