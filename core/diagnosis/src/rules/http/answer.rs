//! A 101 came, and it is not one that a client may accept (RFC 6455 section 4.1).

use super::flip;
use crate::evidence::{Evidence, Seen, opened};
use crate::finding::Confidence;
use crate::observation::{Change, Switched};
use crate::rules::app::generation;
use crate::rules::{Judgement, Rule, Support};

/// The accepted handshake, where it has one of these deviations.
fn deviating<'a>(
    evidence: &Evidence<'a>,
    wanted: &[&str],
) -> Option<(Seen<'a, Switched>, &'a str)> {
    let switched = evidence.switched()?;
    switched
        .fact
        .deviations
        .iter()
        .find(|name| wanted.contains(&name.as_str()))
        .map(|name| (switched, name.as_str()))
}

fn shown(switched: &Seen<'_, Switched>, what: &str) -> crate::finding::Evidence {
    switched.shows(format!(
        "The answer is {}, and {what}.",
        flip::status(&switched.fact.response)
    ))
}

pub(super) const ACCEPT_MISSING: Rule = Rule {
    cause: "http-accept-missing",
    explains: &["http-subproto-none"],
    judge: |evidence| {
        let found = deviating(
            evidence,
            &[
                "accept-missing",
                "accept-duplicate",
                "upgrade-missing",
                "upgrade-duplicate",
                "upgrade-not-websocket",
                "connection-missing",
                "connection-without-upgrade",
            ],
        );
        let Some((switched, name)) = found else {
            return Judgement::nothing();
        };
        let what = match name {
            "accept-missing" => "it has no Sec-WebSocket-Accept",
            "accept-duplicate" => "it has two Sec-WebSocket-Accept headers",
            "upgrade-missing" => "it has no Upgrade header",
            "upgrade-duplicate" => "it has two Upgrade headers",
            "upgrade-not-websocket" => "its Upgrade header does not say websocket",
            "connection-missing" => "it has no Connection header",
            _ => "its Connection header does not say Upgrade",
        };
        Support::certain("The server switches protocols without the headers that prove it understood the handshake.", shown(&switched, what))
            .untested("which hop leaves the header out: compare with the server's own answer (--resolve)")
            .into()
    },
};

pub(super) const ACCEPT_WRONG: Rule = Rule {
    cause: "http-accept-wrong",
    explains: &[],
    judge: accept_wrong,
};

fn accept_wrong(evidence: &Evidence<'_>) -> Judgement {
    let Some((switched, _)) = deviating(evidence, &["accept-wrong"]) else {
        return Judgement::nothing();
    };
    let value = accept(switched.fact);
    let replayed = evidence
        .repetitions()
        .find(|seen| opened(seen).is_some_and(|again| accept(again.fact) == value));
    let case = Support::certain(
        if replayed.is_some() {
            "The same Sec-WebSocket-Accept comes back for different keys: a cache or a fixed answer, not the server, replies."
        } else {
            "Sec-WebSocket-Accept does not fit the key that was sent: whoever answered did not get this request's key."
        },
        shown(
            &switched,
            &format!("its Sec-WebSocket-Accept, `{value}`, does not fit the key"),
        ),
    );
    match replayed {
        Some(seen) => case
            .and(seen.shows("A second handshake with another key got the same value."))
            .into(),
        None => case.into(),
    }
}

fn accept(switched: &Switched) -> &str {
    switched
        .response
        .header("sec-websocket-accept")
        .unwrap_or("")
}

pub(super) const BODY_HEADERS: Rule = Rule {
    cause: "http-101-body-headers",
    explains: &[],
    judge: |evidence| match deviating(evidence, &["body-header"]) {
        Some((switched, _)) => {
            let named: Vec<&str> = switched
                .fact
                .response
                .headers
                .iter()
                .map(|header| header.name.as_str())
                .filter(|name| {
                    ["content-length", "transfer-encoding", "content-encoding"]
                        .contains(&name.to_ascii_lowercase().as_str())
                })
                .collect();
            Support::certain(
                "The 101 announces a body, which it must not; some clients and networks refuse it.",
                shown(&switched, &format!("it bears {}", named.join(" and "))),
            )
            .into()
        }
        None => Judgement::nothing(),
    },
};

pub(super) const SUBPROTOCOL_NONE: Rule = Rule {
    cause: "http-subproto-none",
    explains: &[],
    judge: |evidence| {
        let Some((switched, _)) = deviating(evidence, &["subprotocol-missing"]) else {
            return Judgement::nothing();
        };
        let support = Support::certain(
            format!(
                "This program offers `{}`, and the server chooses none: browsers end such a connection.",
                evidence.target().subprotocols.join("`, `")
            ),
            shown(&switched, "it has no Sec-WebSocket-Protocol"),
        );
        // A server of the other generation of GraphQL chooses none as well, which its answer to that one tells.
        match generation::other_generation(evidence) {
            Some(question) if !evidence.asked(&question) => Judgement::from(Support {
                confidence: Confidence::Likely,
                ..support
            })
            .and_ask([question]),
            _ => support.into(),
        }
    },
};

pub(super) const SUBPROTOCOL_BAD: Rule = Rule {
    cause: "http-subproto-bad",
    explains: &[],
    judge: |evidence| {
        let wanted = [
            "subprotocol-not-offered",
            "subprotocol-duplicate",
            "subprotocol-malformed",
            "subprotocol-repeated",
        ];
        let Some((switched, _)) = deviating(evidence, &wanted) else {
            return Judgement::nothing();
        };
        let answered = switched
            .fact
            .response
            .header("sec-websocket-protocol")
            .unwrap_or("");
        let offered = match evidence.target().subprotocols.as_slice() {
            [] => "none".to_owned(),
            names => format!("`{}`", names.join("`, `")),
        };
        Support::certain(
            format!("The server chooses the subprotocol `{answered}`, which was not offered: clients must end such a connection."),
            shown(&switched, &format!("it says `Sec-WebSocket-Protocol: {answered}` where {offered} was offered")),
        )
        .into()
    },
};

pub(super) const EXTENSION_BAD: Rule = Rule {
    cause: "http-ext-bad",
    explains: &[],
    judge: extension_bad,
};

fn extension_bad(evidence: &Evidence<'_>) -> Judgement {
    let wanted = [
        "extension-not-offered",
        "extension-duplicate",
        "extension-parameters",
        "extensions-empty",
        "extensions-malformed",
    ];
    let Some((switched, _)) = deviating(evidence, &wanted) else {
        return Judgement::nothing();
    };
    let answered = switched
        .fact
        .response
        .header("sec-websocket-extensions")
        .unwrap_or("");
    let case = Support::certain(
        "The server answers the offer of extensions in a way that clients must not accept.",
        shown(
            &switched,
            &format!("it says `Sec-WebSocket-Extensions: {answered}`"),
        ),
    );
    let bare = evidence
        .handshake(&[Change::WithoutExtensions])
        .and_then(|seen| opened(&seen))
        .filter(|seen| seen.fact.deviations.is_empty());
    match bare {
        Some(bare) => case
            .and(bare.shows("With no extension offered the answer is correct."))
            .into(),
        None => case.into(),
    }
}
