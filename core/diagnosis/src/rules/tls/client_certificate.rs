//! The server wants to know the client by certificate.
//!
//! In TLS 1.3 the refusal comes after the client believes the handshake finished, so it may show
//! only where the HTTP answer was due.

use crate::evidence::{Evidence, Seen};
use crate::observation::{
    ExchangeOutcome, Failed, Failure, HandshakeOutcome, Response, TlsVariation,
};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

pub(super) const REQUIRED: Rule = Rule {
    cause: "tls-mtls",
    explains: &[
        "tls-cipher-mismatch",
        "http-400-generic",
        "http-403-connect-refused",
        "tls-fingerprint-filter",
    ],
    judge: required,
};

fn required(evidence: &Evidence<'_>) -> Judgement {
    if !evidence.secure() || reach::works(evidence) {
        return Judgement::nothing();
    }
    let given = evidence.target().client_certificate;
    let summary = if given {
        "The server requires a client certificate and does not accept the one given."
    } else {
        "The server requires a client certificate, and none was given."
    };
    if let Some(refusal) = evidence.refusal()
        && let Some(words) = complaint(refusal.fact)
    {
        return Support::certain(
            summary,
            refusal.shows(format!(
                "The answer is {} and says \"{words}\".",
                reach::status(refusal.fact)
            )),
        )
        .weighing(60)
        .into();
    }
    if let Some(judgement) = within_the_handshake(evidence, summary) {
        return judgement;
    }
    after_the_handshake(evidence, summary)
}

/// The TLS handshake itself fails after the server asked for a certificate.
///
/// A reset may overtake the alert, so another attempt may show what the first one could not.
fn within_the_handshake(evidence: &Evidence<'_>, summary: &str) -> Option<Judgement> {
    let (first, failure) = reach::tls_failed(evidence)?;
    let alert = evidence
        .tls_attempts()
        .find_map(|seen| match reach::failure(&seen)? {
            Failure::Alert { code, name }
                if about_certificates(*code, seen.fact.client_certificate_requested) =>
            {
                Some((seen, code, name))
            }
            _ => None,
        });
    if let Some((seen, code, name)) = alert {
        return Some(
            Support::certain(
                summary,
                seen.shows(format!(
                    "The server asks for a client certificate and ends the TLS handshake with alert {code} ({name})."
                )),
            )
            .into(),
        );
    }
    (first.fact.client_certificate_requested && reach::wordless(failure)).then(|| {
        let support = Support::likely(
            summary,
            first.shows(format!(
                "The server asks for a client certificate; then: {}.",
                words::failure(failure)
            )),
        )
        .untested("the same with a client certificate (`--cert`, `--key`)")
        .weighing(70);
        Judgement::from(support).and_ask([Question::Tls(TlsVariation::WithoutPostQuantum)])
    })
}

/// The chain was accepted, and the connection ends before a byte of HTTP came back.
fn after_the_handshake(evidence: &Evidence<'_>, summary: &str) -> Judgement {
    let Some(tls) = reach::accepted(evidence) else {
        return Judgement::nothing();
    };
    let Some(failed) = ended(evidence) else {
        return Judgement::nothing();
    };
    let requested = tls.fact.client_certificate_requested;
    match &failed.fact.failure {
        Failure::Alert { code, name } if about_certificates(*code, requested) => Support::certain(
            summary,
            failed.shows(format!(
                "After the TLS handshake the server sends alert {code} ({name})."
            )),
        )
        .and_all(requested.then(|| tls.shows("The server asks for a client certificate.")))
        .into(),
        failure @ (Failure::Reset | Failure::EndOfStream) if requested => Support::likely(
            summary,
            tls.shows("The server asks for a client certificate."),
        )
        .and(failed.shows(format!(
            "Right after the TLS handshake: {}.",
            words::failure(failure)
        )))
        .untested("the same with a client certificate (`--cert`, `--key`)")
        .weighing(70)
        .into(),
        _ => Judgement::nothing(),
    }
}

/// How a request over the accepted connection ended without an answer; one that got the alert tells most.
fn ended<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Failed>> {
    let handshakes = evidence
        .handshakes()
        .filter_map(|seen| match &seen.fact.outcome {
            HandshakeOutcome::Failed(failed) => Some(Seen {
                id: seen.id,
                fact: failed,
            }),
            _ => None,
        });
    let exchanges = evidence
        .exchanges()
        .filter_map(|seen| match &seen.fact.outcome {
            ExchangeOutcome::Failed(failed) => Some(Seen {
                id: seen.id,
                fact: failed,
            }),
            ExchangeOutcome::Answered { .. } => None,
        });
    handshakes
        .chain(exchanges)
        .find(|seen| matches!(seen.fact.failure, Failure::Alert { .. }))
        .or_else(|| reach::unanswered(evidence))
}

/// Alerts about the client's certificate: 116 has no other meaning, the others only if it was asked for.
fn about_certificates(code: u8, requested: bool) -> bool {
    match code {
        116 => true,
        40 | 41..=46 | 48 | 49 | 51 => requested,
        _ => false,
    }
}

/// The words by which servers that finish the TLS handshake ask for a certificate over HTTP.
fn complaint(response: &Response) -> Option<&'static str> {
    if !matches!(response.status, 400 | 401 | 403 | 495 | 496) {
        return None;
    }
    let lower = response.body.text.to_ascii_lowercase();
    [
        "no required ssl certificate was sent",
        "the ssl certificate error",
        "client certificate required",
        "client certificate is required",
        "requires a client certificate",
        "client certificate missing",
        "no client certificate",
        "missing client certificate",
        "ssl client certificate",
        "cannot perform post-handshake authentication",
    ]
    .into_iter()
    .find(|words| lower.contains(words))
}
