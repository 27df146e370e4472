//! Client and server speak TLS and find no version, cipher or group in common.

use crate::evidence::{Evidence, Seen};
use crate::observation::{Failure, TlsAttempt, TlsEstablished, TlsVariation};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

/// A handshake in one variation, where it agreed on keys.
pub(super) fn agreed<'a>(
    evidence: &Evidence<'a>,
    variation: &TlsVariation,
) -> Option<Seen<'a, TlsEstablished>> {
    reach::established(&evidence.tls(variation)?)
}

/// A handshake in one variation, where it failed.
pub(super) fn failed<'a>(
    evidence: &Evidence<'a>,
    variation: &TlsVariation,
) -> Option<(Seen<'a, TlsAttempt>, &'a Failure)> {
    let seen = evidence.tls(variation)?;
    reach::failure(&seen).map(|failure| (seen, failure))
}

/// Whether a handshake that another library agreed on was within this program's reach too.
///
/// rustls has TLS 1.3 and 1.2 with ECDHE and authenticated ciphers on three curves, and nothing older.
pub(super) fn within_reach(tls: &TlsEstablished) -> bool {
    let cipher = tls.cipher.to_ascii_uppercase();
    let modern = cipher.contains("GCM") || cipher.contains("CHACHA20");
    let exchange = tls.version == "TLSv1.3" || cipher.contains("ECDHE");
    let curve = tls.group.as_deref().is_none_or(|group| {
        let group = group.to_ascii_lowercase();
        ["x25519", "256", "384", "mlkem"]
            .iter()
            .any(|known| group.contains(known))
    });
    modern && exchange && curve
}

/// Whether the failure says that the two sides have nothing in common.
fn nothing_in_common(failure: &Failure) -> bool {
    match failure {
        Failure::Alert { code, .. } => matches!(code, 40 | 47 | 71 | 80),
        Failure::Other { detail } => detail.contains("incompatible"),
        _ => false,
    }
}

fn shows(seen: &Seen<'_, TlsAttempt>, failure: &Failure) -> crate::finding::Evidence {
    seen.shows(format!(
        "To the ordinary TLS hello: {}.",
        words::failure(failure)
    ))
}

pub(super) const VERSION_OLD: Rule = Rule {
    cause: "tls-version-old",
    explains: &["tls-cipher-mismatch"],
    judge: version_old,
};

fn version_old(evidence: &Evidence<'_>) -> Judgement {
    let Some((seen, failure)) = reach::tls_failed(evidence) else {
        return Judgement::nothing();
    };
    let alerted = matches!(failure, Failure::Alert { code: 70, .. });
    if !alerted && !nothing_in_common(failure) {
        return Judgement::nothing();
    }
    if seen.fact.client_certificate_requested {
        return Judgement::nothing();
    }
    let summary =
        "The server speaks only TLS 1.1 or older, which current clients have switched off.";
    if let Some(old) = agreed(evidence, &TlsVariation::Only11) {
        return Support::certain(
            summary,
            old.shows(format!(
                "Offered nothing newer than TLS 1.1, the server agrees on {}.",
                old.fact.version
            )),
        )
        .and(shows(&seen, failure))
        .weighing(60)
        .into();
    }
    let ask = [
        Question::Tls(TlsVariation::Only12),
        Question::Tls(TlsVariation::Only11),
    ];
    if !alerted {
        return Judgement::ask([Question::Tls(TlsVariation::Only11)]);
    }
    if agreed(evidence, &TlsVariation::Only12).is_some() {
        return Judgement::nothing();
    }
    let case = Support::likely(summary, shows(&seen, failure));
    Judgement::from(case.untested("which version the server accepts")).and_ask(ask)
}

pub(super) const CIPHER_MISMATCH: Rule = Rule {
    cause: "tls-cipher-mismatch",
    explains: &[],
    judge: cipher_mismatch,
};

fn cipher_mismatch(evidence: &Evidence<'_>) -> Judgement {
    let Some((seen, failure)) = reach::tls_failed(evidence) else {
        return Judgement::nothing();
    };
    if !nothing_in_common(failure) || seen.fact.client_certificate_requested {
        return Judgement::nothing();
    }
    let summary = "Client and server have no cipher, key exchange or signature method in common.";
    let wider = agreed(evidence, &TlsVariation::OpenSsl)
        .filter(|tls| !within_reach(tls.fact))
        .map(|tls| (tls, "OpenSSL, which knows older methods,"))
        .or_else(|| {
            failed(evidence, &TlsVariation::OpenSsl)?;
            agreed(evidence, &TlsVariation::WideCiphers)
                .map(|tls| (tls, "OpenSSL with every cipher it still has"))
        });
    if let Some((tls, whom)) = wider {
        let group = tls
            .fact
            .group
            .as_deref()
            .map_or_else(String::new, |group| format!(" and {group}"));
        return Support::certain(
            summary,
            tls.shows(format!(
                "With {whom} the server agrees on {}, {}{group}.",
                tls.fact.version, tls.fact.cipher
            )),
        )
        .and(shows(&seen, failure))
        .into();
    }
    let strict = matches!(failure, Failure::Alert { code: 40 | 71, .. });
    if strict && let Some(tls) = agreed(evidence, &TlsVariation::Only12) {
        return Support::certain(
            summary,
            tls.shows(format!(
                "With TLS 1.2 alone the server agrees on {}: of TLS 1.3 the two share nothing.",
                tls.fact.cipher
            )),
        )
        .and(shows(&seen, failure))
        .into();
    }
    let ask = [
        TlsVariation::OpenSsl,
        TlsVariation::Only12,
        TlsVariation::WideCiphers,
        TlsVariation::Only11,
    ]
    .map(Question::Tls);
    let helped = [
        TlsVariation::OpenSsl,
        TlsVariation::Only12,
        TlsVariation::WithoutPostQuantum,
        TlsVariation::Only11,
    ]
    .iter()
    .any(|variation| agreed(evidence, variation).is_some());
    if !strict || helped {
        return Judgement::ask(ask);
    }
    Judgement::from(
        Support::likely(summary, shows(&seen, failure))
            .untested("which ciphers and groups the server accepts: its configuration says"),
    )
    .and_ask(ask)
}
