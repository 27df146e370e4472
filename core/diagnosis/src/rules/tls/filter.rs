//! Something cuts TLS when it reads the first message: by name, size, version or shape.
//!
//! Each cause has the one change that lets the handshake through.

use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::observation::{BrowserOutcome, Failure, TlsAttempt, TlsOutcome, TlsVariation};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

use super::interception::control_variation;
use super::protocol::{agreed, failed, within_reach};

/// The ordinary handshake, where it was cut or met an alert that names no reason.
fn cut<'a>(evidence: &Evidence<'a>) -> Option<(Seen<'a, TlsAttempt>, &'a Failure)> {
    let (seen, failure) = reach::tls_failed(evidence)?;
    let unexplained = match failure {
        Failure::Alert { code, .. } => matches!(code, 10 | 40 | 47 | 49 | 50 | 80),
        other => reach::wordless(other),
    };
    // Who asks for a certificate has read the hello and answered it.
    (unexplained && !seen.fact.client_certificate_requested).then_some((seen, failure))
}

fn shows((seen, failure): &(Seen<'_, TlsAttempt>, &Failure)) -> finding::Evidence {
    seen.shows(format!(
        "To the ordinary TLS hello: {}.",
        words::failure(failure)
    ))
}

fn ask(variations: impl IntoIterator<Item = TlsVariation>) -> Judgement {
    Judgement::ask(variations.into_iter().map(Question::Tls))
}

pub(super) const SERVER_NAME: Rule = Rule {
    cause: "tls-sni-filter",
    explains: &[
        "tcp-fake-accept",
        "tls-cipher-mismatch",
        "tls-name-mismatch",
    ],
    judge: server_name,
};

/// Another name on the same address gets an answer in TLS.
fn server_name(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = cut(evidence) else {
        return Judgement::nothing();
    };
    let target = evidence.target();
    if target.host_is_address || other_reason(evidence) {
        return Judgement::nothing();
    }
    let Some(other) = evidence.tls(&control_variation()) else {
        return ask([control_variation()]);
    };
    let summary = format!(
        "The connection is cut when the TLS hello names `{}`.",
        target.host
    );
    let silent = matches!(first.1, Failure::TimedOut { .. } | Failure::Reset);
    match &other.fact.outcome {
        TlsOutcome::Established(_) => {
            let flip = other.shows("With another name in the hello, and nothing else changed, the same address completes the TLS handshake.");
            // A server that routes by name closes or alerts too when it has no backend for one.
            let case = if silent {
                Support::certain(summary, flip)
            } else {
                Support::likely(summary, flip)
                    .untested("whether the server itself refuses the name: its log says")
            };
            case.and(shows(&first)).into()
        }
        TlsOutcome::Failed(Failure::Alert { code, name }) if reach::wordless(first.1) => {
            Support::likely(
                summary,
                other.shows(format!("With another name in the hello the same address answers in TLS: alert {code} ({name}).")),
            )
            .and(shows(&first))
            .untested("the same name at an address outside this network's filter")
            .into()
        }
        TlsOutcome::Failed(_) => Judgement::nothing(),
    }
}

/// A change other than the name lets the handshake through.
fn other_reason(evidence: &Evidence<'_>) -> bool {
    [
        TlsVariation::WithoutPostQuantum,
        TlsVariation::Only12,
        TlsVariation::OpenSsl,
    ]
    .iter()
    .any(|variation| agreed(evidence, variation).is_some())
}

pub(super) const LARGE_HELLO: Rule = Rule {
    cause: "tls-large-hello",
    explains: &[
        "tls13-blocked",
        "tls-fingerprint-filter",
        "tcp-fake-accept",
        "tls-sni-filter",
        "tcp-mtu-blackhole",
    ],
    judge: large_hello,
};

fn large_hello(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = cut(evidence) else {
        return Judgement::nothing();
    };
    match agreed(evidence, &TlsVariation::WithoutPostQuantum) {
        Some(small) => Support::certain(
            "The first TLS message is too large for something on the way or for the server: with a post-quantum key it does not fit one packet.",
            small.shows(format!("Without the post-quantum key, and nothing else changed, the handshake succeeds with {}.", small.fact.version)),
        )
        .and(shows(&first))
        .into(),
        None => ask([TlsVariation::WithoutPostQuantum]),
    }
}

pub(super) const TLS_1_3: Rule = Rule {
    cause: "tls13-blocked",
    explains: &[
        "tls-fingerprint-filter",
        "tcp-fake-accept",
        "tls-cipher-mismatch",
    ],
    judge: tls_1_3,
};

fn tls_1_3(evidence: &Evidence<'_>) -> Judgement {
    let Some((seen, failure)) = reach::tls_failed(evidence) else {
        return Judgement::nothing();
    };
    // An alert that names its reason is a server's own word, except that it knows no such version.
    let silent = reach::wordless(failure)
        || matches!(
            failure,
            Failure::Alert {
                code: 10 | 47 | 50 | 70 | 80,
                ..
            }
        );
    if !silent || seen.fact.client_certificate_requested {
        return Judgement::nothing();
    }
    if agreed(evidence, &TlsVariation::WithoutPostQuantum).is_some() {
        return Judgement::nothing();
    }
    if failed(evidence, &TlsVariation::WithoutPostQuantum).is_none() {
        return ask([TlsVariation::WithoutPostQuantum]);
    }
    let Some(old) = agreed(evidence, &TlsVariation::Only12) else {
        return ask([TlsVariation::Only12]);
    };
    let other_library = agreed(evidence, &TlsVariation::OpenSsl);
    if other_library.is_some_and(|tls| tls.fact.version == "TLSv1.3") {
        return Judgement::nothing();
    }
    let summary = "Something on the way cuts TLS 1.3 and lets TLS 1.2 through.";
    let flip = old.shows("With TLS 1.2 alone, and nothing else changed, the handshake succeeds.");
    let first = shows(&(seen, failure));
    match failed(evidence, &TlsVariation::OpenSsl) {
        Some((openssl, failure)) => Support::certain(summary, flip)
            .and(first)
            .and(openssl.shows(format!(
                "By OpenSSL TLS 1.3 fails too: {}.",
                words::failure(failure)
            )))
            .into(),
        None if other_library.is_some() => Support::certain(summary, flip).and(first).into(),
        None => Judgement::from(Support::likely(summary, flip).and(first))
            .and_ask([Question::Tls(TlsVariation::OpenSsl)]),
    }
}

pub(super) const FINGERPRINT: Rule = Rule {
    cause: "tls-fingerprint-filter",
    explains: &["tcp-fake-accept", "tls-cipher-mismatch"],
    judge: fingerprint,
};

/// Only the library makes the difference, and both offer what the server wants.
fn fingerprint(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = cut(evidence) else {
        return Judgement::nothing();
    };
    let small = failed(evidence, &TlsVariation::WithoutPostQuantum);
    let old = failed(evidence, &TlsVariation::Only12);
    let tried = [&TlsVariation::WithoutPostQuantum, &TlsVariation::Only12]
        .into_iter()
        .all(|variation| evidence.asked(&Question::Tls(variation.clone())));
    if !tried {
        return ask([
            TlsVariation::WithoutPostQuantum,
            TlsVariation::Only12,
            TlsVariation::OpenSsl,
        ]);
    }
    if small.is_none() {
        return Judgement::nothing();
    }
    let Some(other) = agreed(evidence, &TlsVariation::OpenSsl) else {
        return match failed(evidence, &TlsVariation::OpenSsl) {
            Some((openssl, failure)) if reach::wordless(failure) => {
                only_browsers(evidence, &first, (openssl, failure))
            }
            Some(_) => Judgement::nothing(),
            None => ask([TlsVariation::OpenSsl]),
        };
    };
    if !within_reach(other.fact) {
        return Judgement::nothing();
    }
    let flip = other.shows(format!(
        "OpenSSL's TLS hello, to the same address under the same name, is accepted: {}, {}.",
        other.fact.version, other.fact.cipher
    ));
    let summary = "The other side refuses this program's TLS library by the shape of its first message and accepts another's.";
    match old {
        Some((seen, _)) => Support::certain(summary, flip)
            .and(shows(&first))
            .and(seen.shows("This program's hello without TLS 1.3 and without post-quantum keys is refused as well."))
            .into(),
        None => Support::likely(summary, flip).and(shows(&first)).into(),
    }
}

/// No library for programs gets an answer: whether a browser does tells a filter from a server that is not there.
fn only_browsers(
    evidence: &Evidence<'_>,
    first: &(Seen<'_, TlsAttempt>, &Failure),
    (openssl, failure): (Seen<'_, TlsAttempt>, &Failure),
) -> Judgement {
    let opened = evidence
        .browsers()
        .find(|seen| matches!(seen.fact.outcome, BrowserOutcome::Opened { .. }));
    let Some(browser) = opened else {
        return Judgement::ask([Question::Browser]);
    };
    Support::likely(
        "The other side refuses this program's TLS hello, in whatever library and size, and lets a real browser in.",
        browser.shows(format!("{} opens the same WebSocket.", browser.fact.browser)),
    )
    .and(shows(first))
    .and(openssl.shows(format!("By OpenSSL: {}.", words::failure(failure))))
    .untested("what of the browser's hello it is that lets it in")
    .into()
}
