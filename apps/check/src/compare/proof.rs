//! What a difference between two places proves, in words.

use towpath_diagnosis::observation::{ChainVerdict, TlsOutcome, TlsVariation};
use towpath_diagnosis::question::Rung;
use towpath_diagnosis::{Fact, Verdict};

use super::{RungPair, State};
use crate::report::Report;

/// The statements, most telling first; never empty.
pub(super) fn proves(
    rungs: &[RungPair],
    asked_differently: &[&str],
    a: &Report,
    b: &Report,
) -> Vec<String> {
    let mut proves = Vec::new();
    let flip = rungs.iter().find(|pair| pair.flips());
    if let Some(pair) = flip {
        let (works, fails) = if pair.a.state == State::Held {
            ("A", "B")
        } else {
            ("B", "A")
        };
        proves.push(flipped(pair.rung, works, fails));
    }
    proves.extend(intercepted(a, b));
    if let Some(pair) = rungs
        .iter()
        .find(|pair| pair.rung == Rung::Name && pair.differs && !pair.flips())
    {
        proves.push(format!(
            "The name leads to different addresses (A: {}; B: {}). That is usual for large sites; for a server of your own it means that \
             one place has a DNS of its own.",
            pair.a.saw, pair.b.saw
        ));
    }
    if flip.is_none() {
        proves.push(alike(rungs, a.diagnosis.verdict, b.diagnosis.verdict));
    }
    if !asked_differently.is_empty() {
        proves.push(format!(
            "The two checks did not ask the same; they differ in {}. Repeat one of them like the other before you rely on this.",
            asked_differently.join(", ")
        ));
    }
    proves
}

/// One place holds what the other does not: the cause lies between, and the rung says where.
fn flipped(rung: Rung, works: &str, fails: &str) -> String {
    match rung {
        Rung::Name => format!(
            "The name resolves in {works} and not in {fails}: the DNS of {fails} is the cause, not the server."
        ),
        Rung::Connection => format!(
            "The server can be reached from {works} and not from {fails}: it is up, and a firewall or the routing of {fails} (or a rule of \
             the server against that network) is the cause."
        ),
        Rung::Proxy => format!(
            "The proxy of {fails} gives no tunnel; from {works} the target is reached. The proxy is the cause, not the server."
        ),
        Rung::Tls => format!(
            "TLS works from {works} and not from {fails}: something on the way in {fails}, or the certificates that its machine trusts, is \
             the cause, not the server."
        ),
        Rung::Handshake => format!(
            "The same handshake opens from {works} and not from {fails}: client and server are right, and something on the way in {fails} \
             (or a rule of the server against that network) is the cause."
        ),
        Rung::Messages => format!(
            "Messages pass in {works} and not in {fails}, over sockets that open in both: something on the way in {fails} interferes after \
             the handshake."
        ),
        Rung::Time => format!(
            "Sockets stay open in {works} and end in {fails}: a time limit on the way in {fails} is the cause, not one of the server."
        ),
        _ => format!(
            "It works in {works} and not in {fails}: the difference between the two machines or networks is the cause."
        ),
    }
}

fn alike(rungs: &[RungPair], a: Verdict, b: Verdict) -> String {
    let failed = rungs
        .iter()
        .find(|pair| pair.a.state == State::Failed && pair.b.state == State::Failed);
    match failed {
        Some(pair) if pair.differs => format!(
            "It fails in both places at the same rung, but not in the same way (A: {}; B: {}). There may be two causes.",
            pair.a.saw, pair.b.saw
        ),
        Some(_) => "It fails in both places in the same way: neither network is the cause. Look at the server, or at what the client sends."
            .to_owned(),
        None if a == Verdict::Healthy && b == Verdict::Healthy => {
            "It works in both places: nothing that was tested differs.".to_owned()
        }
        None => "No rung holds in one place and fails in the other, so that nothing can be concluded.".to_owned(),
    }
}

/// Different issuers for one name: the one that Mozilla does not know sits in between.
fn intercepted(a: &Report, b: &Report) -> Option<String> {
    let (issuer_a, public_a) = issuer(a)?;
    let (issuer_b, public_b) = issuer(b)?;
    if issuer_a == issuer_b || public_a == public_b {
        return None;
    }
    let (place, issuer, genuine) = if public_a {
        ("B", issuer_b, issuer_a)
    } else {
        ("A", issuer_a, issuer_b)
    };
    Some(format!(
        "In {place} the certificate is issued by {issuer}, elsewhere by {genuine}: the connection in {place} is intercepted."
    ))
}

/// Who issued the certificate, and whether Mozilla's list trusts it.
fn issuer(report: &Report) -> Option<(String, bool)> {
    report.observations.iter().find_map(|one| match &one.fact {
        Fact::Tls(seen) if seen.variation == TlsVariation::Ordinary => match &seen.outcome {
            TlsOutcome::Established(tls) => {
                let own = tls.chain.first()?;
                Some((
                    own.issuer.clone(),
                    tls.trust.mozilla == ChainVerdict::Trusted,
                ))
            }
            TlsOutcome::Failed(_) => None,
        },
        _ => None,
    })
}
