//! Rules for causes in the layer of the device itself: its protection software, tools and limits.

use super::tls::interception::interception;
use super::{Judgement, Rule, Support, reach};
use crate::Confidence;
use crate::evidence::Evidence;
use crate::markers;
use crate::observation::{ConnectionOutcome, Failure};
use crate::products::ProductKind;
use crate::words;

/// The rules of this layer.
pub const RULES: &[Rule] = &[ANTIVIRUS, FIREWALL, DEBUGGING_PROXY, OUT_OF_SOCKETS];

const ANTIVIRUS: Rule = Rule {
    cause: "av-webshield",
    explains: &[
        "tls-intercept-untrusted",
        "tls-private-ca",
        "proxy-inspect-strip",
        "http-upgrade-stripped",
        "http-426",
        "frame-rsv",
        "proxy-101-rst",
        "proxy-101-mute",
    ],
    judge: antivirus,
};

fn antivirus(evidence: &Evidence<'_>) -> Judgement {
    let Some(case) = interception(evidence) else {
        return Judgement::nothing();
    };
    let Some(product) = case
        .product
        .filter(|one| one.kind == ProductKind::Antivirus)
    else {
        return Judgement::nothing();
    };
    let mut facts = case.facts.iter().cloned();
    let Some(first) = facts.next() else {
        return Judgement::nothing();
    };
    if reach::untrusted(evidence).is_some() {
        return Support::new(
            case.confidence,
            format!("{} on this device decrypts the connection, and this program does not trust its authority.", product.name),
            first,
        )
        .and_all(facts)
        .weighing(70)
        .into();
    }
    let summary = format!(
        "{} on this device decrypts the connection and breaks the WebSocket in it.",
        product.name
    );
    if let Some(refusal) = evidence.refusal() {
        let complains = refusal.fact.status == 426 || markers::complaint(refusal.fact).is_some();
        return if complains {
            Support::certain(summary, first)
                .and(refusal.shows("The server asks for an upgrade although the request held `Upgrade: websocket`."))
                .and_all(facts)
                .weighing(80)
                .into()
        } else {
            Judgement::nothing()
        };
    }
    let answer_due = evidence.target().expect.is_some();
    let broken = evidence
        .conversations()
        .find(|seen| !seen.fact.passed(answer_due));
    match broken {
        Some(seen) => Support::likely(summary, first)
            .and(seen.shows("On the open socket an exercise fails."))
            .and_all(facts)
            .untested("the same with the web scan of the antivirus switched off for one test")
            .into(),
        None => Judgement::nothing(),
    }
}

const FIREWALL: Rule = Rule {
    cause: "endpoint-firewall",
    explains: &["tcp-drop", "tcp-refused", "net-offline"],
    judge: firewall,
};

fn firewall(evidence: &Evidence<'_>) -> Judgement {
    let failed = reach::unconnected(evidence);
    let Some((seen, _)) = failed
        .iter()
        .find(|(_, failure)| **failure == Failure::Forbidden)
    else {
        return Judgement::nothing();
    };
    Support::certain(
        "This machine itself forbids the connection: a firewall, a route or a security policy.",
        seen.shows(format!(
            "Connecting to {}: the operating system says that it is not permitted.",
            seen.fact.address
        )),
    )
    .into()
}

const DEBUGGING_PROXY: Rule = Rule {
    cause: "endpoint-devproxy",
    explains: &["tcp-refused"],
    judge: debugging_proxy,
};

/// A proxy on this very machine: gone, or one whose authority is not trusted.
fn debugging_proxy(evidence: &Evidence<'_>) -> Judgement {
    let failed = reach::unconnected(evidence);
    if let Some(proxy) = &evidence.target().proxy
        && let Some((seen, _)) = failed.first()
        && failed.iter().all(|(seen, failure)| {
            seen.fact.address.ip().is_loopback() && **failure == Failure::Refused
        })
    {
        let source = evidence
            .environments()
            .flat_map(|environment| environment.fact.proxies.iter())
            .find(|setting| setting.used)
            .map_or("the proxy setting", |setting| setting.source.as_str());
        return Support::certain(
            format!("The proxy {proxy} is set to run on this machine ({source}), and nothing listens there."),
            seen.shows(format!(
                "Connecting to the proxy at {}: the connection was refused.",
                seen.fact.address
            )),
        )
        .weighing(65)
        .into();
    }
    let Some(case) = interception(evidence).filter(|_| reach::untrusted(evidence).is_some()) else {
        return Judgement::nothing();
    };
    let Some(product) = case.product.filter(|one| one.kind == ProductKind::Debugger) else {
        return Judgement::nothing();
    };
    let mut facts = case.facts.into_iter();
    let Some(first) = facts.next() else {
        return Judgement::nothing();
    };
    Support::new(
        Confidence::Likely.min(case.confidence),
        format!(
            "{}, a tool with which developers look at traffic, stands in between.",
            product.name
        ),
        first,
    )
    .and_all(facts)
    .untested("whether the tool runs on this machine or elsewhere on the way")
    .weighing(40)
    .into()
}

const OUT_OF_SOCKETS: Rule = Rule {
    cause: "client-fd-exhausted",
    explains: &["tcp-refused", "tcp-drop", "dns-servfail"],
    judge: out_of_sockets,
};

fn out_of_sockets(evidence: &Evidence<'_>) -> Judgement {
    if reach::works(evidence) {
        return Judgement::nothing();
    }
    let summary = "This machine or this program has no sockets or ports left.";
    let connection = evidence
        .connections()
        .find(|seen| seen.fact.outcome == ConnectionOutcome::Failed(Failure::LocalLimit));
    if let Some(seen) = connection {
        return Support::certain(
            summary,
            seen.shows(format!(
                "Connecting to {}: {}.",
                seen.fact.address,
                words::failure(&Failure::LocalLimit)
            )),
        )
        .into();
    }
    match reach::handshake_failed(evidence) {
        Some(seen) if seen.fact.failure == Failure::LocalLimit => Support::certain(
            summary,
            seen.shows("Before anything was sent the operating system refused to open a socket."),
        )
        .into(),
        _ => Judgement::nothing(),
    }
}

#[cfg(test)]
mod tests;
