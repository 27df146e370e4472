//! Whether somebody on the way signs certificates in the server's place.
//!
//! A private authority alone is no sign: companies sign their own services. What counts is a name
//! that only inspection products use, a certificate made to order, or another one past the proxy.

use crate::Confidence;
use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::observation::{Certificate, ChainVerdict, TlsEstablished, TlsVariation};
use crate::products::{self, Product, ProductKind};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};

use super::certificate::covers;

/// A name that nobody can own (RFC 6761 section 6.4): a certificate for it was made to order.
pub(in crate::rules) const CONTROL_NAME: &str = "towpath-control.invalid";

/// The case for interception.
pub(in crate::rules) struct Interception {
    /// How sure.
    pub confidence: Confidence,
    /// The product, where the issuer names one.
    pub product: Option<&'static Product>,
    /// The facts, never empty.
    pub facts: Vec<finding::Evidence>,
}

impl Interception {
    /// Who intercepts, as the beginning of a sentence.
    pub(in crate::rules) fn who(&self) -> String {
        match self.product {
            Some(product) if product.kind == ProductKind::Antivirus => {
                format!("{}, an antivirus on this device,", product.name)
            }
            Some(product) => product.name.to_owned(),
            None => "A proxy on the way".to_owned(),
        }
    }

    fn add(&mut self, confidence: Confidence, fact: finding::Evidence) {
        self.confidence = self.confidence.max(confidence);
        self.facts.push(fact);
    }
}

/// Looks for every sign of interception on the way that this run goes.
pub(in crate::rules) fn interception(evidence: &Evidence<'_>) -> Option<Interception> {
    let tls = reach::established(&reach::ordinary_tls(evidence)?)?;
    let leaf = tls.fact.chain.first()?;
    // No inspecting proxy holds a key of a public authority.
    if tls.fact.trust.mozilla == ChainVerdict::Trusted {
        return None;
    }
    let mut case = Interception {
        confidence: Confidence::Possible,
        product: None,
        facts: Vec::new(),
    };
    named(evidence, &tls, leaf, &mut case);
    past_the_proxy(evidence, leaf, &mut case);
    made_to_order(evidence, leaf, &mut case);
    if !same_past_the_proxy(evidence) && !leaf.self_issued {
        key_of_its_issuer(&tls, leaf, &mut case);
        spoken_names(evidence, &tls, leaf, &mut case);
        forwarded(evidence, &mut case);
    }
    (!case.facts.is_empty()).then_some(case)
}

/// The issuer's name is that of a product.
fn named(
    evidence: &Evidence<'_>,
    tls: &Seen<'_, TlsEstablished>,
    leaf: &Certificate,
    case: &mut Interception,
) {
    let above = tls
        .fact
        .chain
        .iter()
        .skip(1)
        .map(|one| one.subject.as_str());
    let found = std::iter::once(leaf.issuer.as_str())
        .chain(above)
        .find_map(|name| products::of_issuer(name).map(|product| (name, product)));
    let Some((name, product)) = found else {
        return;
    };
    // A product's own pages have certificates of its own name; only one for this host was made for us.
    let confidence = if leaf.self_issued || !covers(&leaf.names, &evidence.target().host) {
        Confidence::Likely
    } else {
        Confidence::Certain
    };
    case.product = Some(product);
    case.add(
        confidence,
        tls.shows(format!(
            "The certificate for `{}` is issued by \"{name}\", which is {}'s.",
            leaf.names.first().map_or("no name", String::as_str),
            product.name
        )),
    );
}

/// The certificate that is seen past the proxy.
fn direct<'a>(evidence: &Evidence<'a>) -> Option<(Seen<'a, TlsEstablished>, &'a Certificate)> {
    evidence.target().proxy.as_ref()?;
    evidence
        .tls_attempts()
        .filter(|seen| seen.fact.variation == TlsVariation::Direct)
        .find_map(|seen| {
            let tls = reach::established(&seen)?;
            tls.fact.chain.first().map(|leaf| (tls, leaf))
        })
}

/// Whether the very same certificate is seen past the proxy: then the proxy only tunnels.
pub(in crate::rules) fn same_past_the_proxy(evidence: &Evidence<'_>) -> bool {
    let here = reach::ordinary_tls(evidence).and_then(|seen| reach::established(&seen));
    match (
        here.and_then(|tls| tls.fact.chain.first()),
        direct(evidence),
    ) {
        (Some(here), Some((_, there))) => here.sha256 == there.sha256,
        _ => false,
    }
}

fn past_the_proxy(evidence: &Evidence<'_>, leaf: &Certificate, case: &mut Interception) {
    let Some((tls, there)) = direct(evidence) else {
        return;
    };
    // One server may hold several certificates of one issuer.
    if there.sha256 == leaf.sha256 || there.issuer == leaf.issuer {
        return;
    }
    case.add(
        Confidence::Certain,
        tls.shows(format!(
            "Past the proxy the same server shows another certificate, issued by \"{}\"; through the proxy the issuer is \"{}\".",
            there.issuer, leaf.issuer
        )),
    );
}

/// The answer to a TLS hello for a name that cannot exist.
pub(super) fn control<'a>(
    evidence: &Evidence<'a>,
) -> Option<(Seen<'a, TlsEstablished>, &'a Certificate)> {
    let tls = reach::established(&evidence.tls(&control_variation())?)?;
    tls.fact.chain.first().map(|leaf| (tls, leaf))
}

pub(super) fn control_variation() -> TlsVariation {
    TlsVariation::ServerName {
        name: CONTROL_NAME.to_owned(),
    }
}

fn made_to_order(evidence: &Evidence<'_>, leaf: &Certificate, case: &mut Interception) {
    let Some((tls, minted)) = control(evidence) else {
        return;
    };
    let to_order = minted.names.iter().any(|name| name == CONTROL_NAME)
        && !leaf.names.iter().any(|name| name == CONTROL_NAME)
        && minted.issuer == leaf.issuer;
    // A server of its own that makes certificates on demand.
    if !to_order
        || leaf
            .issuer
            .to_ascii_lowercase()
            .contains("caddy local authority")
    {
        return;
    }
    case.add(
        Confidence::Certain,
        tls.shows(format!(
            "Asked for `{CONTROL_NAME}`, a name that cannot exist, the other side at once shows a certificate for it, issued by \"{}\".",
            minted.issuer
        )),
    );
}

/// Squid and mitmproxy give every certificate that they make the key of their authority.
fn key_of_its_issuer(tls: &Seen<'_, TlsEstablished>, leaf: &Certificate, case: &mut Interception) {
    let shared = tls.fact.chain.iter().skip(1).find(|above| {
        above.is_authority && !leaf.spki_sha256.is_empty() && above.spki_sha256 == leaf.spki_sha256
    });
    if let Some(above) = shared {
        case.add(
            Confidence::Likely,
            tls.shows(format!(
                "The certificate has the same key as the authority that signs it, \"{}\": proxies that make certificates on the fly do so.",
                above.subject
            )),
        );
    }
}

/// The issuer's name speaks of a proxy or of inspection.
fn spoken_names(
    evidence: &Evidence<'_>,
    tls: &Seen<'_, TlsEstablished>,
    leaf: &Certificate,
    case: &mut Interception,
) {
    let target = evidence.target();
    let explained = target.given_authorities && target.proxy.is_none() && tls.fact.trust.accepted;
    if case.product.is_some() || explained || !covers(&leaf.names, &target.host) {
        return;
    }
    if let Some(words) = products::inspection_words(&leaf.issuer) {
        case.add(
            Confidence::Likely,
            tls.shows(format!(
                "The issuer, \"{}\", speaks of \"{words}\".",
                leaf.issuer
            )),
        );
    } else if target.proxy.is_some() && !tls.fact.trust.accepted {
        case.add(
            if target.given_authorities {
                Confidence::Likely
            } else {
                Confidence::Possible
            },
            tls.shows(format!(
                "Through the proxy the certificate is issued by \"{}\", which is not trusted here.",
                leaf.issuer
            )),
        );
    }
}

/// An answer inside TLS bears the marks of a forward proxy.
fn forwarded(evidence: &Evidence<'_>, case: &mut Interception) {
    let answers = evidence
        .refusal()
        .into_iter()
        .chain(evidence.switched().map(|seen| Seen {
            id: seen.id,
            fact: &seen.fact.response,
        }));
    for answer in answers {
        if let Some(relay) = products::relay(answer.fact) {
            case.add(
                Confidence::Likely,
                answer.shows(format!(
                    "The answer inside TLS bears the mark of {}: `{}`.",
                    relay.product, relay.mark
                )),
            );
        }
    }
}

/// What would make the case clearer.
pub(in crate::rules) fn questions(evidence: &Evidence<'_>) -> Vec<Question> {
    if evidence.target().proxy.is_none() {
        return vec![Question::Tls(control_variation())];
    }
    let direct = Question::Tls(TlsVariation::Direct);
    if direct_failed(evidence) || evidence.not_tested(&direct).is_some() {
        return vec![direct, Question::Tls(control_variation())];
    }
    vec![direct]
}

fn direct_failed(evidence: &Evidence<'_>) -> bool {
    evidence.asked(&Question::Tls(TlsVariation::Direct)) && direct(evidence).is_none()
}

pub(super) const TRUSTED: Rule = Rule {
    cause: "tls-intercept-trusted",
    explains: &[],
    judge: trusted,
};

fn trusted(evidence: &Evidence<'_>) -> Judgement {
    let Some(tls) = reach::accepted(evidence) else {
        return Judgement::nothing();
    };
    if tls.fact.trust.mozilla == ChainVerdict::Trusted {
        return Judgement::nothing();
    }
    let target = evidence.target();
    let ask = if target.proxy.is_some() || !target.given_authorities {
        questions(evidence)
    } else {
        Vec::new()
    };
    let Some(case) = interception(evidence).filter(|case| case.confidence >= Confidence::Likely)
    else {
        return Judgement::ask(ask);
    };
    let mut facts = case.facts.iter().cloned();
    let Some(first) = facts.next() else {
        return Judgement::nothing();
    };
    let settled = case.confidence == Confidence::Certain;
    let support = Support::new(
        case.confidence,
        format!(
            "{} decrypts the connection and signs it anew; this machine trusts its authority.",
            case.who()
        ),
        first,
    )
    .and_all(facts);
    Judgement::from(support).and_ask(ask.into_iter().filter(|_| !settled))
}
