//! A chain that ends at an unknown authority: who made it so, the server, a proxy, or carelessness?

use crate::Confidence;
use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::observation::{Certificate, ChainVerdict, TlsEstablished};
use crate::rules::{Judgement, Rule, Support, reach};

use super::certificate::verdict;
use super::chain::incomplete;
use super::interception::{self, control, interception, same_past_the_proxy};

/// The chain that this run refuses because nobody it trusts stands behind it.
pub(super) fn unknown_issuer<'a>(
    evidence: &Evidence<'a>,
) -> Option<(Seen<'a, TlsEstablished>, &'a Certificate)> {
    let tls = reach::untrusted(evidence)?;
    let unknown = match verdict(&tls.fact.trust) {
        ChainVerdict::UnknownIssuer => true,
        ChainVerdict::Other { detail } => !detail.to_ascii_lowercase().contains("revoked"),
        _ => false,
    };
    let leaf = tls.fact.chain.first()?;
    unknown.then_some((tls, leaf))
}

fn issued(tls: &Seen<'_, TlsEstablished>, leaf: &Certificate) -> finding::Evidence {
    let store = if tls.fact.trust.given.is_some() {
        "the given authorities do not know"
    } else {
        "this machine does not know"
    };
    tls.shows(format!(
        "The certificate for `{}` is issued by \"{}\", which {store}.",
        leaf.names
            .first()
            .map_or(leaf.subject.as_str(), String::as_str),
        leaf.issuer
    ))
}

pub(super) const INTERCEPT_UNTRUSTED: Rule = Rule {
    cause: "tls-intercept-untrusted",
    explains: &["tls-private-ca", "tls-chain-incomplete"],
    judge: intercept_untrusted,
};

fn intercept_untrusted(evidence: &Evidence<'_>) -> Judgement {
    let Some((tls, leaf)) = unknown_issuer(evidence) else {
        return Judgement::nothing();
    };
    let ask = interception::questions(evidence);
    let Some(case) = interception(evidence) else {
        // A server signs its own certificate; a proxy needs an authority of its own for that.
        let wanted = !leaf.self_issued || evidence.target().proxy.is_some();
        return Judgement::ask(ask.into_iter().filter(|_| wanted));
    };
    let settled = case.confidence == Confidence::Certain;
    let mut support = Support::new(
        case.confidence,
        format!("{} decrypts the connection and signs it anew, and this program does not trust its authority.", case.who()),
        issued(&tls, leaf),
    )
    .and_all(case.facts)
    .weighing(60);
    if !settled {
        support = support.untested("whether the certificate seen from another network is the same");
    }
    Judgement::from(support).and_ask(ask.into_iter().filter(|_| !settled))
}

pub(super) const PRIVATE_AUTHORITY: Rule = Rule {
    cause: "tls-private-ca",
    explains: &[],
    judge: private_authority,
};

fn private_authority(evidence: &Evidence<'_>) -> Judgement {
    if let Some(judgement) = proxy_untrusted(evidence) {
        return judgement;
    }
    if let Some(support) = expired_and_self_signed(evidence) {
        return support.into();
    }
    let Some((tls, leaf)) = unknown_issuer(evidence) else {
        return Judgement::nothing();
    };
    let proxied = evidence.target().proxy.is_some();
    let same = same_past_the_proxy(evidence);
    if leaf.self_issued {
        let shows = tls.shows(format!(
            "The certificate \"{}\" is signed by itself.",
            leaf.subject
        ));
        let summary = "The server shows a certificate that it signed itself.";
        return if proxied && !same {
            Support::likely(summary, shows).into()
        } else {
            Support::certain(summary, shows).into()
        };
    }
    let summary = "The server's certificate is issued by an authority that is not public and not installed here.";
    let complete = tls.fact.chain.last().is_some_and(|last| last.self_issued);
    let signs = incomplete(evidence, &tls);
    let interception = interception(evidence);
    let elsewhere = control(evidence).filter(|(_, other)| other.sha256 == leaf.sha256);
    let mut case = match (
        &signs,
        complete && interception.is_none() && (same || (!proxied && elsewhere.is_some())),
    ) {
        (None, true) => Support::certain(summary, issued(&tls, leaf)),
        (Some((Confidence::Certain | Confidence::Likely, _)), _) => {
            Support::possible(summary, issued(&tls, leaf))
        }
        _ => Support::likely(summary, issued(&tls, leaf)),
    };
    if complete {
        case = case.and(tls.shows("The chain is complete up to a root of its own."));
    }
    if let Some((other, _)) = elsewhere {
        case = case.and(other.shows(
            "Asked for a name that cannot exist, the server shows the same certificate: nobody makes them to order.",
        ));
    }
    if same {
        case = case.and(tls.shows("Past the proxy the certificate is the same."));
    }
    if interception.is_none() && case.confidence != Confidence::Certain {
        case = case.untested("whether the certificate seen from another network is the same");
    }
    case.into()
}

/// A self-signed certificate that is also out of its time: renewing it alone will not do.
fn expired_and_self_signed(evidence: &Evidence<'_>) -> Option<Support> {
    let tls = reach::untrusted(evidence)?;
    let leaf = tls.fact.chain.first()?;
    let out_of_time = matches!(
        verdict(&tls.fact.trust),
        ChainVerdict::Expired | ChainVerdict::NotYetValid
    );
    (out_of_time && leaf.self_issued && tls.fact.trust.given.is_none()).then(|| {
        Support::possible(
            "The server shows a certificate that it signed itself.",
            tls.shows(format!(
                "The certificate \"{}\" is signed by itself.",
                leaf.subject
            )),
        )
        .weighing(40)
    })
}

/// The certificate of a proxy that is itself reached over TLS.
fn proxy_untrusted(evidence: &Evidence<'_>) -> Option<Judgement> {
    use crate::observation::{Failure, TunnelOutcome};
    let seen = evidence
        .tunnels()
        .find(|seen| seen.fact.outcome == TunnelOutcome::Failed(Failure::NotTrusted))?;
    (!reach::works(evidence)).then(|| {
        Support::likely(
            format!(
                "The certificate of the proxy {} is not trusted.",
                seen.fact.proxy
            ),
            seen.shows("TLS with the proxy itself ends because its certificate is not trusted."),
        )
        .into()
    })
}
