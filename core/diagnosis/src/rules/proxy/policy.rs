//! A proxy that knows WebSocket and has a rule against it.

use super::inspected::{opened_directly, past_the_proxy, refused_alike};
use super::tunnel::{control_same, own_error};
use crate::Confidence;
use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::markers;
use crate::observation::{ControlPath, Response};
use crate::products;
use crate::rules::tls::interception::interception;
use crate::rules::{Judgement, Rule, Support, reach};

pub(super) const FORBIDS_WEBSOCKET: Rule = Rule {
    cause: "proxy-ws-policy",
    explains: &[
        "http-403-connect-refused",
        "http-block-page",
        "http-403-waf-rule",
        "http-403-ip-reputation",
        "http-403-origin",
        "http-405-501",
        "proxy-connect-denied",
        "http-200-app",
        "http-404",
        "http-400-generic",
        "http-upgrade-stripped",
    ],
    judge: forbids_websocket,
};

/// Who may have written the refusal, and how sure that is.
struct Writer {
    confidence: Confidence,
    name: String,
    facts: Vec<finding::Evidence>,
}

fn forbids_websocket(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    if own_error(evidence).is_some()
        || markers::complaint(refusal.fact).is_some_and(|_| !speaks_of_policy(refusal.fact))
        || matches!(refusal.fact.status, 401 | 407 | 426 | 429)
        || refused_alike(evidence, refusal.fact)
    {
        return Judgement::nothing();
    }
    let Some(writer) = writer(evidence, &refusal) else {
        return Judgement::nothing();
    };
    let control = evidence.control(ControlPath::Same);
    let proxied = evidence.target().proxy.is_some();
    let ask: Vec<_> = std::iter::once(control_same())
        .chain(proxied.then(past_the_proxy))
        .collect();
    let Some(control) = control else {
        return Judgement::ask(ask);
    };
    let passes = !markers::same_answer(control.fact, refusal.fact)
        && products::relay(control.fact).is_none_or(|relay| !relay.author)
        && !speaks_of_policy(control.fact);
    if !passes {
        return Judgement::nothing();
    }
    let direct = opened_directly(evidence);
    let confidence = if direct.is_some() {
        Confidence::Certain
    } else {
        writer.confidence
    };
    if confidence == Confidence::Possible {
        return Judgement::ask(ask);
    }
    let settled = confidence == Confidence::Certain;
    let support = Support::new(
        confidence,
        format!(
            "{} has a rule against WebSocket: only requests with an upgrade are refused.",
            writer.name
        ),
        refusal.shows(format!(
            "The handshake is answered {}{}.",
            reach::status(refusal.fact),
            quoted(refusal.fact)
        )),
    )
    .and(control.shows(format!(
        "The same path without Upgrade passes and is answered {}.",
        reach::status(control.fact)
    )))
    .and_all(writer.facts)
    .and_all(direct.map(|seen| seen.shows("Past the proxy the same handshake is accepted.")))
    .weighing(75);
    Judgement::from(support).and_ask(ask.into_iter().filter(|_| !settled))
}

/// The first words of a refusal, for the reader.
fn quoted(response: &Response) -> String {
    let title = markers::title(response);
    if !title.is_empty() {
        return format!(" with a page titled \"{title}\"");
    }
    let line = response
        .body
        .text
        .lines()
        .find(|line| !line.trim().is_empty());
    line.map_or_else(String::new, |line| {
        let shown: String = line.trim().chars().take(80).collect();
        format!(" and says \"{shown}\"")
    })
}

/// Whether a text speaks of WebSocket and of a prohibition.
fn speaks_of_policy(response: &Response) -> bool {
    if response.status < 400 && response.status != 200 {
        return false;
    }
    let lower = response.body.text.to_ascii_lowercase();
    let subject = ["websocket", "web socket"]
        .iter()
        .any(|word| lower.contains(word));
    let prohibition = [
        "blocked",
        "denied",
        "not allowed",
        "not permitted",
        "prohibited",
        "forbidden by",
        "policy",
        "disallowed",
    ];
    subject && prohibition.iter().any(|word| lower.contains(word))
}

fn writer(evidence: &Evidence<'_>, refusal: &Seen<'_, Response>) -> Option<Writer> {
    if let Some(relay) = products::relay(refusal.fact).filter(|relay| relay.author) {
        return Some(Writer {
            confidence: Confidence::Certain,
            name: format!("The proxy ({})", relay.product),
            facts: vec![
                refusal.shows(format!("The refusal is the proxy's own: `{}`.", relay.mark)),
            ],
        });
    }
    if !evidence.secure() {
        return None;
    }
    let case = interception(evidence).filter(|case| case.confidence >= Confidence::Likely)?;
    let by_words = speaks_of_policy(refusal.fact) || markers::block_page(refusal.fact).is_some();
    if !by_words && !matches!(refusal.fact.status, 403 | 405 | 501 | 503) {
        return None;
    }
    let confidence = if by_words {
        case.confidence
    } else if other_writer(evidence, refusal.fact) {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Some(Writer {
        confidence,
        name: case.who(),
        facts: case.facts,
    })
}

/// Whether an ordinary answer was written by another program than the refusal.
fn other_writer(evidence: &Evidence<'_>, refusal: &Response) -> bool {
    evidence
        .control(ControlPath::Same)
        .is_some_and(|control| control.fact.header("server") != refusal.header("server"))
}
