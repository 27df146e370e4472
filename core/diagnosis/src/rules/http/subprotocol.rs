//! The handshake is refused for the subprotocol it offers, or for offering none.

use super::flip;
use crate::evidence::{Evidence, opened};
use crate::ladder::GRAPHQL_SUBPROTOCOLS;
use crate::observation::{Change, OriginKind};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

pub(super) const REFUSED: Rule = Rule {
    cause: "http-403-subproto",
    explains: &[
        "http-403-connect-refused",
        "http-400-generic",
        "app-subproto-generation",
    ],
    judge: refused,
};

fn refused(evidence: &Evidence<'_>) -> Judgement {
    if flip::failed(evidence).is_none() {
        return Judgement::nothing();
    }
    let wanted = flip::find(evidence, |change| {
        matches!(change, Change::Subprotocol { .. })
    });
    let without = flip::find(evidence, |change| *change == Change::WithoutSubprotocol);
    if let Some(found) = wanted {
        let Change::Subprotocol { name } = found.change else {
            return Judgement::nothing();
        };
        let chosen = match found.opened.fact.subprotocol.as_deref() {
            Some(chosen) => format!(" and the server chose `{chosen}`"),
            None => String::new(),
        };
        let mut judgement = flip::case(
            evidence,
            &found,
            format!("{}, the server wants `{name}`.", offers(evidence)),
            format!(
                "With only the subprotocol changed to `{name}` the handshake is accepted{chosen}."
            ),
        );
        if let (Some(support), Some(bare)) = (judgement.support.as_mut(), &without) {
            support.evidence.push(bare.opened.shows(
                "With no subprotocol offered the handshake is accepted too: it is the name offered that is refused.",
            ));
        }
        return judgement;
    }
    if let Some(judgement) = with_site_origin(evidence) {
        return judgement;
    }
    if let Some(bare) = without {
        if let Some(question) = next_candidate(evidence) {
            return Judgement::from(Support::likely(
                format!("{}, which the server does not accept.", offers(evidence)),
                bare.opened
                    .shows("With no subprotocol offered the handshake is accepted."),
            ))
            .and_ask([question]);
        }
        return flip::case(
            evidence,
            &bare,
            format!(
                "{}, which the server does not know. It accepts the handshake without one; the names tried were not accepted either.",
                offers(evidence)
            ),
            "With no subprotocol offered, and nothing else changed, the handshake is accepted.",
        );
    }
    if !flip::unexplained(evidence) {
        return Judgement::nothing();
    }
    let mut ask = Vec::new();
    if !evidence.target().subprotocols.is_empty() {
        ask.push(flip::with(Change::WithoutSubprotocol));
    }
    if evidence.refusal().is_none() {
        // Nobody answers at all: a list of names would only repeat the silence.
        return Judgement::ask(ask);
    }
    ask.extend(next_candidate(evidence));
    if next_candidate(evidence).is_none() {
        ask.extend(combinations(evidence));
    }
    Judgement::ask(ask)
}

/// Both gates closed: the site's Origin and another subprotocol together let the handshake in.
fn with_site_origin(evidence: &Evidence<'_>) -> Option<Judgement> {
    let (seen, name) =
        evidence
            .handshakes()
            .find_map(|seen| match seen.fact.changes.as_slice() {
                [
                    Change::Origin {
                        origin: OriginKind::Site,
                    },
                    Change::Subprotocol { name },
                ] => opened(&seen).map(|switched| (switched, name)),
                _ => None,
            })?;
    let first = flip::failed(evidence)?;
    Some(
        Support::certain(
            format!(
                "{}, the server wants `{name}`; it also wants the site's own Origin, `{}`.",
                offers(evidence),
                flip::site_origin(evidence)
            ),
            seen.shows(format!(
                "With the subprotocol `{name}` and the site's Origin together the handshake is accepted."
            )),
        )
        .and(first.shows(format!("Sent as given, the handshake {}; each of the two changes alone does not help.", flip::outcome(&first))))
        .into(),
    )
}

fn offers(evidence: &Evidence<'_>) -> String {
    match evidence.target().subprotocols.as_slice() {
        [] => "This program offers no subprotocol".into(),
        [name] => format!("This program offers subprotocol `{name}`"),
        names => format!("This program offers subprotocols `{}`", names.join("`, `")),
    }
}

/// The subprotocol to try next, the most probable for this path first.
fn next_candidate(evidence: &Evidence<'_>) -> Option<Question> {
    candidates(evidence)
        .into_iter()
        .map(|name| flip::with(Change::Subprotocol { name: name.into() }))
        .find(|question| !evidence.asked(question) && evidence.not_tested(question).is_none())
}

fn candidates(evidence: &Evidence<'_>) -> Vec<&'static str> {
    let target = evidence.target();
    let path = target.path.to_ascii_lowercase();
    let hinted: &[&str] = if path.contains("mqtt") {
        &["mqtt"]
    } else if path.contains("stomp") {
        &["v12.stomp"]
    } else if path.contains("ocpp") {
        &["ocpp1.6", "ocpp2.0.1"]
    } else if path.contains("cable") {
        &["actioncable-v1-json"]
    } else if path.contains("wamp") {
        &["wamp.2.json"]
    } else if path.contains("gql") || path.contains("graphql") {
        &[]
    } else {
        &["mqtt", "v12.stomp", "ocpp1.6"]
    };
    let graphql_first = hinted.len() != 1;
    let graphql = GRAPHQL_SUBPROTOCOLS.iter().copied();
    let mut names: Vec<&'static str> = if graphql_first {
        graphql.chain(hinted.iter().copied()).collect()
    } else {
        hinted.iter().copied().chain(graphql).collect()
    };
    names.retain(|name| target.subprotocols.as_slice() != [(*name).to_owned()]);
    names
}

fn combinations(evidence: &Evidence<'_>) -> Vec<Question> {
    if evidence.target().origin.as_deref() == Some(flip::site_origin(evidence).as_str()) {
        return Vec::new();
    }
    candidates(evidence)
        .into_iter()
        .take(2)
        .map(|name| Question::Handshake {
            changes: flip::with_site_origin(Change::Subprotocol { name: name.into() }),
        })
        .collect()
}
