//! Which HTTP version TLS agreed on (RFC 7301), and what was spoken then.

use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::observation::{Failed, Failure, TlsEstablished, TlsVariation};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

fn offering(protocols: &[&str]) -> TlsVariation {
    TlsVariation::Alpn {
        protocols: protocols.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// The handshake that offered only HTTP/2 and agreed on it.
fn http_2_agreed<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, TlsEstablished>> {
    let tls = reach::established(&evidence.tls(&offering(&["h2"]))?)?;
    (tls.fact.alpn.as_deref() == Some("h2")).then_some(tls)
}

/// The alert that says no common protocol was found.
fn none_in_common<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, crate::observation::TlsAttempt>> {
    match reach::tls_failed(evidence)? {
        (seen, Failure::Alert { code: 120, .. }) => Some(seen),
        _ => None,
    }
}

pub(super) const NONE_IN_COMMON: Rule = Rule {
    cause: "tls-alpn-none",
    explains: &[],
    judge: |evidence| {
        let Some(seen) = none_in_common(evidence) else {
            return Judgement::nothing();
        };
        let ask = [&["h2"][..], &[]].map(|names| Question::Tls(offering(names)));
        let summary =
            "The server accepts none of the protocols that a WebSocket client offers in TLS.";
        let shows = seen.shows(
            "To the offer of http/1.1 the server sends alert 120 (no_application_protocol).",
        );
        if !ask.iter().all(|question| settled(evidence, question)) {
            return Judgement::from(Support::likely(summary, shows)).and_ask(ask);
        }
        let case = Support::certain(summary, shows);
        let silent = evidence
            .tls(&offering(&[]))
            .and_then(|seen| reach::established(&seen));
        match silent {
            Some(tls) => case
                .and(tls.shows("With no protocol offered the TLS handshake succeeds."))
                .into(),
            None => case.into(),
        }
    },
};

fn settled(evidence: &Evidence<'_>, question: &Question) -> bool {
    evidence.asked(question) || evidence.not_tested(question).is_some()
}

pub(super) const HTTP_2_CHOSEN: Rule = Rule {
    cause: "tls-alpn-h2",
    explains: &["http-wrong-service", "http-400-generic", "frame-inject"],
    judge: http_2_chosen,
};

fn http_2_chosen(evidence: &Evidence<'_>) -> Judgement {
    if !evidence.secure() || reach::works(evidence) {
        return Judgement::nothing();
    }
    let summary = "The server chooses HTTP/2 although only http/1.1 was offered, and cannot read the handshake that follows.";
    if let Some((seen, failure)) = reach::tls_failed(evidence)
        && unasked(failure)
    {
        return Support::certain(
            summary,
            seen.shows("In TLS the server chose an application protocol that was not offered."),
        )
        .into();
    }
    if let Some(tls) = reach::accepted(evidence)
        && tls.fact.alpn.as_deref() == Some("h2")
    {
        return Support::certain(summary, tls.shows("In TLS the server chose `h2`.")).into();
    }
    match spoke_http_2(evidence) {
        Some((_, shows)) => Judgement::from(Support::certain(
            "The server speaks HTTP/2 on this connection although it was not agreed on, and cannot read the handshake.",
            shows,
        )),
        None => Judgement::nothing(),
    }
}

fn unasked(failure: &Failure) -> bool {
    match failure {
        Failure::ProtocolNotOffered => true,
        Failure::Other { detail } => detail.contains("UnofferedApplicationProtocol"),
        _ => false,
    }
}

/// The answer to the handshake was made of HTTP/2 frames.
fn spoke_http_2<'a>(evidence: &Evidence<'a>) -> Option<(Seen<'a, Failed>, finding::Evidence)> {
    let failed = reach::unanswered(evidence)?;
    match &failed.fact.failure {
        Failure::NotHttp { first_bytes } if is_http_2(first_bytes) => {
            let shows = failed.shows(format!(
                "The answer to the handshake is a frame of HTTP/2 (SETTINGS or GOAWAY): \"{first_bytes}\"."
            ));
            Some((failed, shows))
        }
        _ => None,
    }
}

/// Whether bytes, as facts print them, begin with a SETTINGS or GOAWAY frame of stream 0 (RFC 9113 section 4.1).
fn is_http_2(first_bytes: &str) -> bool {
    let bytes = unescaped(first_bytes);
    let Some(head) = bytes.get(..9) else {
        return false;
    };
    head[0] == 0 && matches!(head[3], 4 | 7) && head[5..9] == [0; 4]
}

fn unescaped(shown: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = shown;
    while let Some(character) = rest.chars().next() {
        let escaped = rest
            .strip_prefix("\\x")
            .and_then(|tail| tail.get(..2))
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let (byte, length) = match escaped {
            Some(byte) => (byte, 4),
            None if rest.starts_with("\\r") => (b'\r', 2),
            None if rest.starts_with("\\n") => (b'\n', 2),
            None => (
                u8::try_from(character).unwrap_or(b'?'),
                character.len_utf8(),
            ),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    bytes
}

pub(super) const HTTP_2_ONLY: Rule = Rule {
    cause: "http-h2-only",
    explains: &[
        "tls-alpn-none",
        "tls-alpn-h2",
        "http-403-connect-refused",
        "http-wrong-service",
        "http-400-generic",
    ],
    judge: http_2_only,
};

fn http_2_only(evidence: &Evidence<'_>) -> Judgement {
    if reach::works(evidence) {
        return Judgement::nothing();
    }
    let summary = "The server accepts HTTP/2 and not HTTP/1.1, which a WebSocket handshake needs.";
    if let Some(refusal) = evidence.refusal()
        && refusal
            .fact
            .body
            .text
            .contains("ALPN Protocol, expected `h2`")
    {
        return Support::certain(
            summary,
            refusal.shows(format!(
                "The answer is {} and says that `h2` was expected.",
                reach::status(refusal.fact)
            )),
        )
        .weighing(60)
        .into();
    }
    if !evidence.secure() {
        return match spoke_http_2(evidence) {
            Some((_, shows)) => Support::certain(summary, shows).into(),
            None => Judgement::nothing(),
        };
    }
    let Some(refused) = http_1_refused(evidence) else {
        return Judgement::nothing();
    };
    match http_2_agreed(evidence) {
        Some(tls) => Support::certain(
            summary,
            tls.shows("Offered `h2` alone in TLS, the server agrees."),
        )
        .and(refused)
        .weighing(60)
        .into(),
        None => Judgement::ask([Question::Tls(offering(&["h2"]))]),
    }
}

/// HTTP/1.1 was offered or spoken over TLS, and the server would have none of it.
fn http_1_refused(evidence: &Evidence<'_>) -> Option<finding::Evidence> {
    if let Some(seen) = none_in_common(evidence) {
        return Some(seen.shows("Offered http/1.1, it sends alert 120 (no_application_protocol)."));
    }
    if let Some((_, shows)) = spoke_http_2(evidence) {
        return Some(shows);
    }
    let tls = reach::accepted(evidence)?;
    let failed = reach::unanswered(evidence)?;
    let quiet = matches!(failed.fact.failure, Failure::EndOfStream | Failure::Reset);
    // A server of both versions picks http/1.1 when it is offered.
    (quiet && tls.fact.alpn.is_none() && !tls.fact.client_certificate_requested).then(|| {
        failed.shows(format!(
            "The handshake over HTTP/1.1 gets no answer: {}.",
            words::failure(&failed.fact.failure)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::is_http_2;

    #[test]
    fn settings_and_goaway_are_http_2() {
        assert!(is_http_2(
            "\\x00\\x00\\x12\\x04\\x00\\x00\\x00\\x00\\x00\\x00\\x03"
        ));
        assert!(is_http_2("\\x00\\x00\\x08\\x07\\x00\\x00\\x00\\x00\\x00"));
        assert!(!is_http_2("HTTP/1.1 200"));
        assert!(!is_http_2("\\x00\\x00"));
    }
}
