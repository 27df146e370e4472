//! A content delivery network or cache in front of the server keeps the handshake from it.

use super::flip;
use crate::evidence::{Evidence, Seen};
use crate::markers::{self, Complaint};
use crate::observation::{ControlPath, Response};
use crate::rules::{Judgement, Rule, Support};

pub(super) const CDN_OFF: Rule = Rule {
    cause: "http-cdn-ws-off",
    explains: &[
        "http-upgrade-stripped",
        "http-426",
        "http-200-app",
        "http-400-generic",
    ],
    judge: cdn_off,
};

/// An edge network relays the origin's "this is no handshake": the edge did not pass Upgrade on.
fn cdn_off(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    let Some(edge) = markers::edge(refusal.fact) else {
        return Judgement::nothing();
    };
    if markers::wants_other_version(refusal.fact) || cached(refusal.fact).is_some() {
        return Judgement::nothing();
    }
    let summary = format!(
        "{} stands in front of the server and does not pass WebSocket handshakes on; most such services have a switch for it.",
        edge.name
    );
    let complaint = markers::complaint(refusal.fact).filter(|(complaint, _)| {
        matches!(
            complaint,
            Complaint::UpgradeMissing | Complaint::ConnectionMissing | Complaint::NotAHandshake
        )
    });
    let shows = match complaint {
        Some((_, quoted)) => refusal.shows(format!(
            "The answer, relayed by {}, is {} and says \"{quoted}\".",
            edge.name,
            flip::status(refusal.fact)
        )),
        None if refusal.fact.status == 426 => refusal.shows(format!(
            "The answer, relayed by {}, asks for an upgrade (426) although the request held one.",
            edge.name
        )),
        None => return cdn_off_by_words(evidence, &refusal, &summary),
    };
    Support::certain(summary, shows).weighing(60).into()
}

fn cdn_off_by_words(
    evidence: &Evidence<'_>,
    refusal: &Seen<'_, Response>,
    summary: &str,
) -> Judgement {
    let lower = refusal.fact.body.text.to_ascii_lowercase();
    if lower.contains("websocket") && refusal.fact.status >= 400 {
        return Support::likely(
            summary,
            refusal.shows(format!(
                "The answer is {} and speaks of WebSockets.",
                flip::status(refusal.fact)
            )),
        )
        .into();
    }
    match evidence.control(ControlPath::Same) {
        Some(control)
            if matches!(refusal.fact.status, 200 | 400 | 404)
                && markers::same_answer(control.fact, refusal.fact) =>
        {
            Support::possible(
                summary,
                control.shows("The same path without Upgrade gets the very same answer."),
            )
            .untested("the same handshake sent straight to the origin, past the edge")
            .into()
        }
        _ => Judgement::nothing(),
    }
}

pub(super) const CDN_CACHE: Rule = Rule {
    cause: "http-cdn-cache-route",
    explains: &[
        "http-upgrade-stripped",
        "http-426",
        "http-200-app",
        "http-cdn-ws-off",
        "http-404",
        "http-400-generic",
    ],
    judge: |evidence| {
        let Some(refusal) = evidence.refusal() else {
            return Judgement::nothing();
        };
        match cached(refusal.fact) {
            Some(mark) => Support::certain(
                "A cache answers the handshake: caching is on for this path, so the handshake never reaches the server.",
                refusal.shows(format!("The answer is {} and comes from a cache: `{mark}`.", flip::status(refusal.fact))),
            )
            .weighing(60)
            .into(),
            None => Judgement::nothing(),
        }
    },
};

/// The header that says an answer came from a cache.
fn cached(response: &Response) -> Option<String> {
    if let Some(age) = response.header("age")
        && age.trim().parse::<u64>().is_ok_and(|seconds| seconds > 0)
    {
        return Some(format!("Age: {age}"));
    }
    [
        "x-cache",
        "cf-cache-status",
        "x-cache-status",
        "x-proxy-cache",
        "x-varnish-cache",
    ]
    .into_iter()
    .find_map(|name| {
        let value = response.header(name)?;
        let word = value.trim().to_ascii_uppercase();
        (word == "HIT"
            || word.starts_with("HIT ")
            || word.starts_with("TCP_HIT")
            || word.starts_with("TCP_MEM_HIT")
            || word.starts_with("HIT,"))
        .then(|| format!("{name}: {value}"))
    })
}
