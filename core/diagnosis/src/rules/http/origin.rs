//! The handshake is refused for the Origin it carries, or for carrying none.

use super::flip;
use crate::evidence::{Evidence, opened};
use crate::markers;
use crate::observation::{Change, OriginKind};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

pub(super) const REFUSED: Rule = Rule {
    cause: "http-403-origin",
    explains: &["http-403-connect-refused", "http-400-generic", "http-404"],
    judge: origin,
};

fn origin(evidence: &Evidence<'_>) -> Judgement {
    if flip::failed(evidence).is_none() {
        return Judgement::nothing();
    }
    let given = evidence.target().origin.as_deref();
    if let Some(found) = flip::find(evidence, |change| matches!(change, Change::Origin { .. })) {
        let site = flip::site_origin(evidence);
        let (summary, shows) = match (given, found.change) {
            (
                Some(given),
                Change::Origin {
                    origin: OriginKind::None,
                },
            ) => (
                format!(
                    "The server does not accept the Origin `{given}`; it accepts a request without one."
                ),
                "Without an Origin, and nothing else changed, the handshake is accepted."
                    .to_owned(),
            ),
            (Some(given), _) => (
                format!(
                    "The server does not accept the Origin `{given}`; it accepts its own site's, `{site}`."
                ),
                format!("With only the Origin changed to `{site}` the handshake is accepted."),
            ),
            (None, _) => (
                format!(
                    "The server wants the Origin of its own site, `{site}`, and this program sends none."
                ),
                format!("With only the Origin `{site}` added the handshake is accepted."),
            ),
        };
        return flip::case(evidence, &found, summary, shows);
    }
    if let Some(judgement) = said(evidence) {
        return judgement;
    }
    if let Some(judgement) = beside_another(evidence) {
        return judgement;
    }
    if !flip::unexplained(evidence) {
        return Judgement::nothing();
    }
    match (given, evidence.refusal()) {
        (Some(given), Some(refusal)) if refusal.fact.status == 403 => Judgement::from(
            Support::possible(
                format!("The server may not allow the Origin `{given}` that was given."),
                refusal.shows(format!(
                    "With that Origin the answer is {}{}.",
                    flip::status(refusal.fact),
                    markers::writer(refusal.fact)
                )),
            )
            .untested("the Origins that the server allows: its operator knows them")
            .weighing(60),
        )
        .and_ask(questions(evidence)),
        _ => Judgement::ask(questions(evidence)),
    }
}

/// The server's own words name the Origin.
fn said(evidence: &Evidence<'_>) -> Option<Judgement> {
    let refusal = evidence.refusal()?;
    let words = markers::origin_refused(refusal.fact)?;
    if flip::intermittent(evidence) {
        return None;
    }
    let sent = match evidence.target().origin.as_deref() {
        Some(origin) => format!("the Origin `{origin}`"),
        None => "no Origin".to_owned(),
    };
    let case = Support::likely(
        format!("The server refuses the handshake because of its Origin: it was sent {sent}."),
        refusal.shows(format!(
            "The answer is {} and says \"{words}\".",
            flip::status(refusal.fact)
        )),
    );
    Some(Judgement::from(case).and_ask(questions(evidence)))
}

/// The site's Origin and one more change together let the handshake in; neither does alone.
fn beside_another(evidence: &Evidence<'_>) -> Option<Judgement> {
    let seen = evidence
        .handshakes()
        .find_map(|seen| match seen.fact.changes.as_slice() {
            [
                Change::Origin {
                    origin: OriginKind::Site,
                },
                _,
            ] => opened(&seen),
            _ => None,
        })?;
    Some(
        Support::certain(
            format!("The server wants the Origin of its own site, `{}`, and something else besides.", flip::site_origin(evidence)),
            seen.shows("The site's Origin together with one more change lets the handshake in; either change alone does not."),
        )
        .weighing(40)
        .into(),
    )
}

fn questions(evidence: &Evidence<'_>) -> Vec<Question> {
    let given = evidence.target().origin.as_deref();
    let mut ask = Vec::new();
    if given != Some(flip::site_origin(evidence).as_str()) {
        ask.push(flip::with(Change::Origin {
            origin: OriginKind::Site,
        }));
    }
    if given.is_some() {
        ask.push(flip::with(Change::Origin {
            origin: OriginKind::None,
        }));
    }
    ask
}
