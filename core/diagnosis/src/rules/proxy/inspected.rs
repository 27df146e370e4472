//! A proxy that decrypts: what becomes of the upgrade and of the port inside.

use super::tunnel::{control_same, own_error, port_matters};
use crate::Confidence;
use crate::evidence::{Evidence, Seen, opened, refused};
use crate::finding;
use crate::markers;
use crate::observation::{Change, ControlPath, Response, Switched, TlsVariation};
use crate::products;
use crate::question::Question;
use crate::rules::tls::interception::{Interception, interception};
use crate::rules::{Judgement, Rule, Support, reach};

/// The question whether the handshake opens past the proxy.
pub(super) fn past_the_proxy() -> Question {
    Question::Handshake {
        changes: vec![Change::Direct],
    }
}

/// The handshake past the proxy, where it opened.
pub(super) fn opened_directly<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Switched>> {
    opened(&evidence.handshake(&[Change::Direct])?)
}

/// Whether the server itself refuses alike past the proxy.
pub(super) fn refused_alike(evidence: &Evidence<'_>, refusal: &Response) -> bool {
    evidence
        .handshake(&[Change::Direct])
        .and_then(|seen| refused(&seen))
        .is_some_and(|direct| direct.fact.status == refusal.status)
}

pub(super) const UPGRADE_REMOVED: Rule = Rule {
    cause: "proxy-inspect-strip",
    explains: &[
        "http-upgrade-stripped",
        "http-426",
        "http-400-generic",
        "http-404",
        "http-200-app",
        "http-405-501",
        "http-10-hop",
        "http-conn-close",
        "http-upgrade-empty",
        "http-middleware-200",
        "http-403-connect-refused",
        "http-401",
        "http-wrong-service",
        "proxy-ws-policy",
    ],
    judge: upgrade_removed,
};

fn upgrade_removed(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    let written_by_proxy = products::relay(refusal.fact).is_some_and(|relay| relay.author);
    if !evidence.secure() || written_by_proxy || refused_alike(evidence, refusal.fact) {
        return Judgement::nothing();
    }
    let Some(case) = interception(evidence).filter(|case| case.confidence >= Confidence::Likely)
    else {
        return Judgement::nothing();
    };
    let proxied = evidence.target().proxy.is_some();
    let ask: Vec<Question> = proxied
        .then(past_the_proxy)
        .into_iter()
        .chain([control_same()])
        .collect();
    let like_ordinary = evidence
        .control(ControlPath::Same)
        .filter(|control| markers::same_answer(control.fact, refusal.fact));
    if let Some(direct) = opened_directly(evidence) {
        // A refusal of the upgrade alone is a rule, not a loss.
        if refusal.fact.status == 403 && like_ordinary.is_none() {
            return Judgement::ask([control_same()]);
        }
        return stripped(Confidence::Certain, &case, &refusal)
            .and(direct.shows("Past the proxy the same handshake is accepted."))
            .weighing(70)
            .into();
    }
    let complains = refusal.fact.status == 426 || markers::complaint(refusal.fact).is_some();
    if complains {
        return stripped(Confidence::Certain, &case, &refusal)
            .and(refusal.shows(
                "The server asks for an upgrade although the request held `Upgrade: websocket`.",
            ))
            .weighing(70)
            .into();
    }
    if !matches!(refusal.fact.status, 200..=299 | 400 | 404 | 405 | 501) {
        return Judgement::ask(ask.into_iter().take(usize::from(proxied)));
    }
    let support = stripped(Confidence::Likely, &case, &refusal)
        .untested("the same handshake from a network without inspection")
        .weighing(70);
    let support = match like_ordinary {
        Some(control) => support.and(control.shows(
            "The same path without Upgrade gets the very same answer: to the server both requests look alike.",
        )),
        None => support,
    };
    Judgement::from(support).and_ask(ask)
}

fn stripped(confidence: Confidence, case: &Interception, refusal: &Seen<'_, Response>) -> Support {
    Support::new(
        confidence,
        format!(
            "{} decrypts the connection and does not pass the upgrade on.",
            case.who()
        ),
        refusal.shows(format!(
            "The handshake is answered {} as if it were an ordinary request.",
            reach::status(refusal.fact)
        )),
    )
    .and_all(case.facts.iter().cloned())
}

pub(super) const HOST_PORT: Rule = Rule {
    cause: "proxy-host-port",
    explains: &["proxy-upstream-fail", "http-503", "http-502"],
    judge: host_port,
};

/// The handshake with the port in Host, where only that made it open.
pub(super) fn opened_with_port<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Switched>> {
    opened(&evidence.handshake(&[Change::HostWithPort])?)
}

fn host_port(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = own_error(evidence).filter(|page| port_matters(evidence, page.fact)) else {
        return Judgement::nothing();
    };
    let port = evidence.target().port;
    let summary =
        format!("The inspecting proxy goes to another port than {port}, which it was asked for.");
    let relay = products::relay(refusal.fact).map_or_else(String::new, |relay| relay.mark);
    let shows: finding::Evidence = refusal.shows(format!(
        "The answer is {} and is the proxy's own: `{relay}`.",
        reach::status(refusal.fact)
    ));
    if let Some(with_port) = opened_with_port(evidence) {
        return Support::certain(summary, shows)
            .and(with_port.shows("With the port written into Host the handshake is accepted."))
            .into();
    }
    if let Some(direct) = opened_directly(evidence) {
        return Support::likely(summary, shows)
            .and(direct.shows(format!(
                "Past the proxy the handshake to port {port} is accepted."
            )))
            .untested("which port the proxy tries: its log says")
            .into();
    }
    let direct_tls = evidence
        .tls(&TlsVariation::Direct)
        .and_then(|seen| reach::established(&seen));
    let mut ask = vec![Question::Handshake {
        changes: vec![Change::HostWithPort],
    }];
    if evidence.target().proxy.is_some() {
        ask.insert(0, Question::Tls(TlsVariation::Direct));
        ask.push(past_the_proxy());
    }
    match direct_tls {
        Some(tls) => Judgement::from(
            Support::likely(summary, shows)
                .and(tls.shows(format!(
                    "Past the proxy port {port} completes a TLS handshake."
                )))
                .untested("which port the proxy tries: its log says"),
        )
        .and_ask(ask),
        None => Judgement::ask(ask),
    }
}
