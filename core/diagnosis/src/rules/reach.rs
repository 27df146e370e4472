//! How far this run got: which step failed first, and which facts belong to the base questions.
//!
//! A fact that a neighbour question left behind (another port, past the proxy, a redirect's host)
//! must not pass for a fact of the way that this run goes.

use crate::evidence::{Evidence, Seen, opened};
use crate::observation::{
    Connection, ConnectionOutcome, Failed, Failure, HandshakeOutcome, Resolution, Resolver,
    Response, Stage, TlsAttempt, TlsEstablished, TlsOutcome, TlsVariation,
};
use crate::question::Question;

/// Whether the first handshake opened: then nothing on the way is broken.
pub(super) fn works(evidence: &Evidence<'_>) -> bool {
    evidence
        .first_handshake()
        .is_some_and(|seen| opened(&seen).is_some())
}

/// Attempts to connect to this run's peer: the proxy where there is one, else the target.
pub(super) fn attempts<'a>(evidence: &Evidence<'a>) -> Vec<Seen<'a, Connection>> {
    let to_proxy = evidence.target().proxy.is_some();
    let peer = |seen: &Seen<'a, Connection>| {
        seen.fact.to_proxy == to_proxy
            && (to_proxy || seen.fact.address.port() == evidence.target().port)
    };
    let base: Vec<_> = evidence
        .connections()
        .filter(peer)
        .filter(|seen| evidence.question(seen.id) == Some(&Question::Connect))
        .collect();
    if !base.is_empty() {
        return base;
    }
    evidence
        .connections()
        .filter(peer)
        .filter(|seen| evidence.question(seen.id).is_none())
        .collect()
}

/// The failed attempts to connect, where not one succeeded; empty where one did or none was made.
pub(super) fn unconnected<'a>(evidence: &Evidence<'a>) -> Vec<(Seen<'a, Connection>, &'a Failure)> {
    let mut failed = Vec::new();
    for seen in attempts(evidence) {
        match &seen.fact.outcome {
            ConnectionOutcome::Connected => return Vec::new(),
            ConnectionOutcome::Failed(failure) => failed.push((seen, failure)),
        }
    }
    if works(evidence) { Vec::new() } else { failed }
}

/// Attempts at another port of the target.
pub(super) fn at_port<'a>(evidence: &Evidence<'a>, port: u16) -> Vec<Seen<'a, Connection>> {
    let question = Question::ConnectPort { port };
    evidence
        .connections()
        .filter(|seen| evidence.question(seen.id) == Some(&question))
        .collect()
}

/// Whether an attempt succeeded.
pub(super) fn connected(seen: &Seen<'_, Connection>) -> bool {
    seen.fact.outcome == ConnectionOutcome::Connected
}

/// Whether a failure is a wait that passed its limit.
pub(super) fn timed_out(failure: &Failure) -> bool {
    matches!(failure, Failure::TimedOut { .. })
}

/// Whether nothing at all came back: silence, a reset or an end without a byte.
pub(super) fn wordless(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::TimedOut { .. } | Failure::Reset | Failure::EndOfStream
    )
}

/// The ordinary TLS handshake of a `wss` target.
pub(super) fn ordinary_tls<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, TlsAttempt>> {
    evidence
        .secure()
        .then(|| evidence.tls(&TlsVariation::Ordinary))
        .flatten()
}

/// The ordinary TLS handshake, where it agreed on no keys.
pub(super) fn tls_failed<'a>(
    evidence: &Evidence<'a>,
) -> Option<(Seen<'a, TlsAttempt>, &'a Failure)> {
    let seen = ordinary_tls(evidence)?;
    match &seen.fact.outcome {
        TlsOutcome::Failed(failure) if !works(evidence) => Some((seen, failure)),
        _ => None,
    }
}

/// What a TLS handshake agreed on.
pub(super) fn established<'a>(seen: &Seen<'a, TlsAttempt>) -> Option<Seen<'a, TlsEstablished>> {
    match &seen.fact.outcome {
        TlsOutcome::Established(tls) => Some(Seen {
            id: seen.id,
            fact: &**tls,
        }),
        TlsOutcome::Failed(_) => None,
    }
}

/// Why a TLS handshake agreed on no keys.
pub(super) fn failure<'a>(seen: &Seen<'a, TlsAttempt>) -> Option<&'a Failure> {
    match &seen.fact.outcome {
        TlsOutcome::Failed(failure) => Some(failure),
        TlsOutcome::Established(_) => None,
    }
}

/// The ordinary TLS handshake, where its chain was not accepted.
pub(super) fn untrusted<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, TlsEstablished>> {
    let tls = established(&ordinary_tls(evidence)?)?;
    (!tls.fact.trust.accepted && !works(evidence)).then_some(tls)
}

/// The ordinary TLS handshake, where its chain was accepted.
pub(super) fn accepted<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, TlsEstablished>> {
    let tls = established(&ordinary_tls(evidence)?)?;
    tls.fact.trust.accepted.then_some(tls)
}

/// How the first handshake failed without an HTTP answer.
pub(super) fn handshake_failed<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Failed>> {
    let seen = evidence.first_handshake()?;
    match &seen.fact.outcome {
        HandshakeOutcome::Failed(failed) => Some(Seen {
            id: seen.id,
            fact: failed,
        }),
        _ => None,
    }
}

/// How the first handshake failed where an HTTP answer was due.
pub(super) fn unanswered<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Failed>> {
    handshake_failed(evidence).filter(|seen| matches!(seen.fact.stage, Stage::Http | Stage::Tls))
}

/// The system's lookup of the name that this run connects to.
pub(super) fn lookup<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Resolution>> {
    evidence
        .resolutions()
        .filter(|seen| matches!(seen.fact.resolver, Resolver::System | Resolver::Given))
        .find(|seen| concerns_this_run(evidence, &seen.fact.name))
}

/// What the configured name servers said of the same name when asked directly.
pub(super) fn asked_directly<'a>(
    evidence: &Evidence<'a>,
    without_checks: bool,
) -> Vec<Seen<'a, Resolution>> {
    let name = lookup(evidence).map_or(evidence.target().host.as_str(), |seen| &seen.fact.name);
    evidence
        .resolutions()
        .filter(|seen| seen.fact.name.eq_ignore_ascii_case(name))
        .filter(|seen| {
            matches!(&seen.fact.resolver, Resolver::Server { checking_disabled, .. }
                if *checking_disabled == without_checks)
        })
        .collect()
}

fn concerns_this_run(evidence: &Evidence<'_>, name: &str) -> bool {
    let target = evidence.target();
    name.eq_ignore_ascii_case(&target.host)
        || target
            .proxy
            .as_deref()
            .is_some_and(|proxy| host_of(proxy).eq_ignore_ascii_case(name))
}

/// The host of `scheme://host:port`, without brackets.
pub(super) fn host_of(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    host.trim_matches(['[', ']'])
}

/// Whether a request of this run may be sent without encryption: it holds nothing of the user's.
pub(super) fn harmless_in_plain(evidence: &Evidence<'_>) -> bool {
    let target = evidence.target();
    target.token.is_none() && target.header_names.is_empty() && !target.path.contains('?')
}

/// Status and reason phrase, as on the wire.
pub(super) fn status(response: &Response) -> String {
    if response.reason.is_empty() {
        response.status.to_string()
    } else {
        format!("{} {}", response.status, response.reason)
    }
}
