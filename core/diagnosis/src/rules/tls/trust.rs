//! A chain that ends at an unknown authority: who made it so, the server, a proxy, or carelessness?

use crate::Confidence;
use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::observation::{Certificate, ChainVerdict, TlsEstablished};
use crate::rules::{Judgement, Rule, Support, reach};

use super::certificate::verdict;
use super::interception::{self, control, interception, same_past_the_proxy};

/// The chain that this run refuses because nobody it trusts stands behind it.
fn unknown_issuer<'a>(
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

pub(super) const CHAIN_INCOMPLETE: Rule = Rule {
    cause: "tls-chain-incomplete",
    explains: &[],
    judge: chain_incomplete,
};

fn chain_incomplete(evidence: &Evidence<'_>) -> Judgement {
    let Some((tls, _)) = unknown_issuer(evidence) else {
        return Judgement::nothing();
    };
    let Some((confidence, reason)) = incomplete(evidence, &tls) else {
        return Judgement::nothing();
    };
    let Some(last) = tls.fact.chain.last() else {
        return Judgement::nothing();
    };
    let mut case = Support::new(
        confidence,
        format!("The server leaves out an intermediate certificate: it sends {} and not the one of \"{}\".", count(tls.fact.chain.len()), last.issuer),
        tls.shows(format!(
            "The chain as sent is {}, ends below \"{}\", and {reason}.",
            count(tls.fact.chain.len()),
            last.issuer
        )),
    )
    .weighing(if confidence == Confidence::Possible { 40 } else { 65 });
    if confidence != Confidence::Certain {
        case = case.untested("whether the chain is trusted once its issuer's certificate is added");
    }
    case.into()
}

fn count(certificates: usize) -> String {
    match certificates {
        1 => "one certificate".to_owned(),
        more => format!("{more} certificates"),
    }
}

/// Whether an intermediate certificate seems to be left out, and by which sign.
fn incomplete(
    evidence: &Evidence<'_>,
    tls: &Seen<'_, TlsEstablished>,
) -> Option<(Confidence, String)> {
    let (leaf, last) = (tls.fact.chain.first()?, tls.fact.chain.last()?);
    if last.self_issued {
        return None;
    }
    let alone = tls.fact.chain.len() == 1;
    if leaf.has_scts {
        let confidence = if alone {
            Confidence::Certain
        } else {
            Confidence::Likely
        };
        return Some((
            confidence,
            "the certificate bears the stamps of public transparency logs, so a public authority issued it".to_owned(),
        ));
    }
    let known = known_authorities(evidence, tls);
    if known.contains(&last.issuer.as_str()) {
        return None;
    }
    if let Some(root) = known.iter().find(|root| related(&last.issuer, root)) {
        return Some((
            Confidence::Likely,
            format!("its issuer goes by a name like that of the known authority \"{root}\""),
        ));
    }
    if below_a_root(&last.issuer) {
        return Some((
            Confidence::Likely,
            "its issuer's name is that of an intermediate authority, which servers must send along"
                .to_owned(),
        ));
    }
    if alone && !last.issuer_urls.is_empty() {
        return Some((
            Confidence::Possible,
            format!(
                "it says where its issuer's certificate can be fetched: {}",
                last.issuer_urls[0]
            ),
        ));
    }
    None
}

/// Authorities that were given or that only this machine has.
fn known_authorities<'a>(evidence: &Evidence<'a>, tls: &Seen<'a, TlsEstablished>) -> Vec<&'a str> {
    let given = tls.fact.trust.given_subjects.iter();
    if tls.fact.trust.given.is_some() {
        return given.map(String::as_str).collect();
    }
    evidence
        .environments()
        .flat_map(|seen| seen.fact.extra_roots.iter().map(String::as_str))
        .collect()
}

/// Words of a distinguished name that say nothing about whose it is.
const COMMON_WORDS: &[&str] = &[
    "root",
    "the",
    "and",
    "inc",
    "ltd",
    "llc",
    "gmbh",
    "authority",
    "certificate",
    "certification",
    "intermediate",
    "issuing",
    "issuer",
    "server",
    "servers",
    "test",
    "testing",
    "tests",
    "example",
    "demo",
    "local",
    "global",
    "internal",
    "private",
    "public",
    "sub",
    "rsa",
    "ecdsa",
    "tls",
    "ssl",
    "com",
    "org",
    "net",
    "authorities",
    "trust",
    "class",
    "ca",
    "new",
    "old",
    "other",
    "another",
    "wrong",
    "unknown",
    "dev",
    "corp",
    "company",
    "my",
];

/// Whether two authorities seem to belong together: they share an organisation or a telling word.
fn related(issuer: &str, root: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        values(name, &["CN", "O"])
            .flat_map(|value| {
                value
                    .split(|character: char| !character.is_alphanumeric())
                    .map(str::to_ascii_lowercase)
                    .collect::<Vec<_>>()
            })
            .filter(|word| word.len() >= 3 && !word.bytes().all(|byte| byte.is_ascii_digit()))
            .filter(|word| !COMMON_WORDS.contains(&word.as_str()))
            .collect()
    };
    let theirs = words(root);
    words(issuer).iter().any(|word| theirs.contains(word))
}

/// Whether a name is that of an authority below a root.
fn below_a_root(issuer: &str) -> bool {
    values(issuer, &["CN"]).any(|name| {
        name.split(|character: char| !character.is_alphanumeric())
            .any(|word| {
                matches!(
                    word.to_ascii_lowercase().as_str(),
                    "intermediate" | "issuing" | "sub" | "subordinate"
                )
            })
    })
}

/// The values of these attributes in a distinguished name.
fn values<'a>(name: &'a str, attributes: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    name.split([',', '+']).filter_map(move |part| {
        let (attribute, value) = part.trim().split_once('=')?;
        attributes
            .iter()
            .any(|wanted| attribute.eq_ignore_ascii_case(wanted))
            .then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::{below_a_root, related};

    #[test]
    fn authorities_are_related_by_telling_words() {
        assert!(related(
            "O=Acme, CN=Acme Issuing CA 1",
            "O=Acme, CN=Acme Root CA"
        ));
        assert!(related("CN=Harbour TLS CA", "CN=Harbour Root"));
        assert!(!related("CN=Other Test CA", "CN=Towpath Test CA"));
        assert!(!related("CN=Server CA", "CN=Root CA"));
    }

    #[test]
    fn intermediates_are_known_by_name() {
        assert!(below_a_root("CN=Test Intermediate CA"));
        assert!(below_a_root("CN=Lab Sub-CA"));
        assert!(!below_a_root("CN=Lab Root CA"));
    }
}
