//! TLS spoken to a plain port, or plain HTTP to a TLS port.

use crate::evidence::{Evidence, Seen};
use crate::observation::{
    Change, Failure, Handshake, HandshakeOutcome, Response, Stage, TlsOutcome, TlsVariation,
    TunnelOutcome,
};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

pub(super) const WRONG_PORT: Rule = Rule {
    cause: "tls-wrong-port",
    explains: &[
        "http-400-generic",
        "http-wrong-service",
        "tcp-fake-accept",
        "http-504-hang",
        "http-middleware-200",
        "proxy-connect-denied",
    ],
    judge: wrong_port,
};

fn wrong_port(evidence: &Evidence<'_>) -> Judgement {
    if reach::works(evidence) {
        return Judgement::nothing();
    }
    if let Some(judgement) = to_the_proxy(evidence) {
        return judgement;
    }
    if evidence.secure() {
        tls_to_plain(evidence)
    } else {
        plain_to_tls(evidence)
    }
}

fn tls_to_plain(evidence: &Evidence<'_>) -> Judgement {
    let port = evidence.target().port;
    let summary = format!("The URL says wss, and port {port} does not speak TLS.");
    if let Some(refusal) = evidence.refusal()
        && let Some(words) = wants_tls(refusal.fact)
    {
        return Support::certain(
            "A hop behind the server's TLS speaks plain HTTP to a port that wants TLS.",
            refusal.shows(format!(
                "The answer is {} and says \"{words}\".",
                reach::status(refusal.fact)
            )),
        )
        .weighing(60)
        .into();
    }
    let Some((seen, failure)) = reach::tls_failed(evidence) else {
        return Judgement::nothing();
    };
    if let Failure::NotTls { first_bytes } = failure {
        return Support::certain(
            summary,
            seen.shows(format!(
                "The answer to the TLS hello begins with \"{first_bytes}\", which is not TLS."
            )),
        )
        .weighing(60)
        .into();
    }
    if !reach::wordless(failure) || seen.fact.client_certificate_requested {
        return Judgement::nothing();
    }
    let shows = seen.shows(format!("To a TLS hello: {}.", words::failure(failure)));
    match other_scheme(evidence).and_then(|other| spoke_http(&other)) {
        Some(answer) => Support::certain(summary, answer)
            .and(shows)
            .weighing(60)
            .into(),
        None if reach::harmless_in_plain(evidence) => Judgement::ask([Question::Handshake {
            changes: vec![Change::OtherScheme],
        }]),
        None => Support::possible(summary, shows)
            .untested("the same without TLS: the request holds what must not be sent in the clear")
            .weighing(10)
            .into(),
    }
}

fn other_scheme<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Handshake>> {
    evidence.handshake(&[Change::OtherScheme])
}

/// An answer in plain HTTP that does not itself ask for TLS.
fn spoke_http(seen: &Seen<'_, Handshake>) -> Option<crate::finding::Evidence> {
    match &seen.fact.outcome {
        HandshakeOutcome::Switched(_) => {
            Some(seen.shows("Without TLS, on the same port, the WebSocket opens."))
        }
        HandshakeOutcome::Refused { response } if wants_tls(response).is_none() => {
            Some(seen.shows(format!(
                "Without TLS the same port answers in HTTP: {}.",
                reach::status(response)
            )))
        }
        _ => None,
    }
}

fn plain_to_tls(evidence: &Evidence<'_>) -> Judgement {
    let port = evidence.target().port;
    let summary = format!("The URL says ws, and port {port} wants TLS: it should be wss.");
    if let Some(refusal) = evidence.refusal() {
        return match wants_tls(refusal.fact) {
            Some(words) => Support::certain(
                summary,
                refusal.shows(format!(
                    "The answer is {} and says \"{words}\".",
                    reach::status(refusal.fact)
                )),
            )
            .weighing(60)
            .into(),
            None => Judgement::nothing(),
        };
    }
    let Some(failed) = reach::unanswered(evidence) else {
        return Judgement::nothing();
    };
    if let Failure::NotHttp { first_bytes } = &failed.fact.failure {
        return if is_tls_record(first_bytes) {
            Support::certain(
                summary,
                failed.shows(format!(
                    "The answer to the plain request is a TLS record: \"{first_bytes}\"."
                )),
            )
            .weighing(60)
            .into()
        } else {
            Judgement::nothing()
        };
    }
    if failed.fact.stage != Stage::Http || !reach::wordless(&failed.fact.failure) {
        return Judgement::nothing();
    }
    let question = Question::Tls(TlsVariation::Ordinary);
    let Some(tls) = evidence.tls(&TlsVariation::Ordinary) else {
        return Judgement::ask([question]);
    };
    let spoke = match &tls.fact.outcome {
        TlsOutcome::Established(established) => {
            let issuer = established
                .chain
                .first()
                .map_or("", |leaf| leaf.issuer.as_str());
            tls.shows(format!("A TLS hello to the same port is answered with a certificate issued by \"{issuer}\"."))
        }
        TlsOutcome::Failed(Failure::Alert { code, name }) => tls.shows(format!(
            "A TLS hello to the same port is answered in TLS: alert {code} ({name})."
        )),
        TlsOutcome::Failed(_) => return Judgement::nothing(),
    };
    Support::certain(summary, spoke)
        .and(failed.shows(format!(
            "To the plain request: {}.",
            words::failure(&failed.fact.failure)
        )))
        .weighing(60)
        .into()
}

/// A proxy that is spoken to in TLS and does not know it, or the reverse.
fn to_the_proxy(evidence: &Evidence<'_>) -> Option<Judgement> {
    evidence
        .tunnels()
        .find_map(|seen| match &seen.fact.outcome {
            TunnelOutcome::Failed(Failure::NotTls { first_bytes }) => Some(
                Support::certain(
                    format!(
                        "The proxy {} is set as one behind TLS and speaks plain text.",
                        seen.fact.proxy
                    ),
                    seen.shows(format!(
                        "The proxy's answer to the TLS hello begins with \"{first_bytes}\"."
                    )),
                )
                .into(),
            ),
            TunnelOutcome::Failed(Failure::NotHttp { first_bytes })
                if is_tls_record(first_bytes) =>
            {
                Some(
                    Support::certain(
                        format!(
                            "The proxy {} wants TLS: its URL should begin with https.",
                            seen.fact.proxy
                        ),
                        seen.shows(format!(
                            "The proxy answers CONNECT with a TLS record: \"{first_bytes}\"."
                        )),
                    )
                    .into(),
                )
            }
            TunnelOutcome::Refused { response } => wants_tls(response).map(|words| {
                Support::certain(
                    format!(
                        "The proxy {} wants TLS: its URL should begin with https.",
                        seen.fact.proxy
                    ),
                    seen.shows(format!(
                        "The answer to CONNECT is {} and says \"{words}\".",
                        reach::status(response)
                    )),
                )
                .into()
            }),
            _ => None,
        })
}

/// Whether bytes, as facts print them, begin a TLS record: an alert or a handshake of version 3.x.
fn is_tls_record(first_bytes: &str) -> bool {
    first_bytes.starts_with("\\x15\\x03") || first_bytes.starts_with("\\x16\\x03")
}

/// The words by which servers say that a plain request came to their TLS port.
fn wants_tls(response: &Response) -> Option<&'static str> {
    if !(400..500).contains(&response.status) {
        return None;
    }
    let lower = response.body.text.to_ascii_lowercase();
    [
        "plain http request was sent to https port",
        "client sent an http request to an https server",
        "speaking plain http to an ssl-enabled server port",
        "speaking plain http to an https",
        "http request was sent to https",
        "combination of host and port requires tls",
        "this port requires tls",
        "requires https",
    ]
    .into_iter()
    .find(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::is_tls_record;

    #[test]
    fn alerts_and_handshakes_are_tls_records() {
        assert!(is_tls_record("\\x15\\x03\\x01\\x00\\x02\\x02F"));
        assert!(!is_tls_record("HTTP/1.1 400 Bad Request"));
    }
}
