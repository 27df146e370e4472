//! A chain that ends before the root: did the server leave an intermediate certificate out?

use crate::Confidence;
use crate::evidence::{Evidence, Seen};
use crate::observation::TlsEstablished;
use crate::rules::{Judgement, Rule, Support};

use super::trust::unknown_issuer;

pub(super) const INCOMPLETE: Rule = Rule {
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
pub(super) fn incomplete(
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
