//! What the certificate itself says: its names, and whether it was revoked.

use crate::evidence::{Evidence, Seen};
use crate::observation::{
    ChainVerdict, Failure, NameOutcome, Resolver, TlsEstablished, TlsVariation, TrustReport,
};
use crate::question::Question;
use crate::rules::dns::localhost;
use crate::rules::{Judgement, Rule, Support, reach};

/// Most names of a certificate that a sentence lists.
const NAMES_SHOWN_MAX: usize = 6;

/// The verdict that decides whether this run goes on.
pub(super) fn verdict(trust: &TrustReport) -> &ChainVerdict {
    trust
        .given
        .as_ref()
        .or(trust.system.as_ref())
        .unwrap_or(&trust.mozilla)
}

/// Whether names of a certificate cover a host (RFC 6125 section 6.4: the star stands for one label).
pub(super) fn covers(names: &[String], host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    names.iter().any(|name| {
        let name = name.to_ascii_lowercase();
        match name.strip_prefix("*.") {
            Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
            None => name == host,
        }
    })
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "no host name at all".to_owned();
    }
    let shown: Vec<&str> = names
        .iter()
        .take(NAMES_SHOWN_MAX)
        .map(String::as_str)
        .collect();
    let more = if names.len() > NAMES_SHOWN_MAX {
        " and others"
    } else {
        ""
    };
    format!("`{}`{more}", shown.join("`, `"))
}

pub(super) const NAME_MISMATCH: Rule = Rule {
    cause: "tls-name-mismatch",
    explains: &[],
    judge: name_mismatch,
};

fn name_mismatch(evidence: &Evidence<'_>) -> Judgement {
    if let Some(judgement) = name_unknown(evidence) {
        return judgement;
    }
    let Some(tls) = reach::untrusted(evidence) else {
        return Judgement::nothing();
    };
    let Some(leaf) = tls.fact.chain.first() else {
        return Judgement::nothing();
    };
    let host = &evidence.target().host;
    let summary = format!(
        "The certificate is not for `{host}`: it covers {}.",
        listed(&leaf.names)
    );
    let shows = tls.shows(format!(
        "The certificate, issued by \"{}\", covers {}.",
        leaf.issuer,
        listed(&leaf.names)
    ));
    match verdict(&tls.fact.trust) {
        ChainVerdict::WrongName if overridden(evidence) => Judgement::from(
            Support::likely(summary, shows)
                .untested("whether the hosts file leads to the right server"),
        )
        .and_ask([Question::ResolveDirect]),
        ChainVerdict::WrongName => Support::certain(summary, shows).into(),
        ChainVerdict::Other { .. } if !covers(&leaf.names, host) => {
            Support::likely(summary, shows).weighing(60).into()
        }
        ChainVerdict::UnknownIssuer | ChainVerdict::Expired | ChainVerdict::NotYetValid
            if !covers(&leaf.names, host) =>
        {
            Support::likely(summary, shows).weighing(30).into()
        }
        _ => Judgement::nothing(),
    }
}

/// The hosts file names the target, and DNS may say otherwise: then the machine is doubtful, not the certificate.
///
/// `localhost` belongs into that file, and `--resolve` was the user's own doing.
fn overridden(evidence: &Evidence<'_>) -> bool {
    if evidence.target().host == "localhost" || evidence.target().fixed_addresses {
        return false;
    }
    let by_the_system =
        reach::lookup(evidence).is_some_and(|seen| seen.fact.resolver == Resolver::System);
    if !by_the_system || localhost(&evidence.target().host) {
        return false;
    }
    let addresses: Vec<String> = evidence
        .environments()
        .flat_map(|seen| seen.fact.hosts_file.clone())
        .collect();
    if addresses.is_empty() {
        return false;
    }
    if !evidence.asked(&Question::ResolveDirect)
        && evidence.not_tested(&Question::ResolveDirect).is_none()
    {
        return true;
    }
    reach::asked_directly(evidence, false).iter().any(|seen| {
        matches!(&seen.fact.outcome, NameOutcome::Addresses(answer)
            if answer.addresses.iter().all(|address| !addresses.contains(&address.to_string())))
    })
}

/// The server refuses the very name (RFC 6066 section 3), before it shows a certificate.
fn name_unknown(evidence: &Evidence<'_>) -> Option<Judgement> {
    let (seen, failure) = reach::tls_failed(evidence)?;
    if evidence.target().host_is_address || !matches!(failure, Failure::Alert { code: 112, .. }) {
        return None;
    }
    let host = &evidence.target().host;
    let case = Support::likely(
        format!("The server does not know the name `{host}`."),
        seen.shows(format!(
            "To a TLS hello for `{host}` the server sends alert 112 (unrecognized_name)."
        )),
    );
    let without = evidence
        .tls(&TlsVariation::NoServerName)
        .and_then(|seen| reach::established(&seen));
    let case = match without.and_then(|tls| tls.fact.chain.first().map(|leaf| (tls, leaf))) {
        Some((tls, leaf)) => case.and(tls.shows(format!(
            "Without a name it shows a certificate that covers {}.",
            listed(&leaf.names)
        ))),
        None => case,
    };
    Some(
        Judgement::from(case.untested("whether the name leads to the right address"))
            .and_ask([Question::Tls(TlsVariation::NoServerName)]),
    )
}

pub(super) const REVOKED: Rule = Rule {
    cause: "tls-revoked",
    explains: &["tls-private-ca"],
    judge: |evidence| {
        let Some(tls) = reach::untrusted(evidence) else {
            return Judgement::nothing();
        };
        if !revoked(&tls) {
            return Judgement::nothing();
        }
        let issuer = tls
            .fact
            .chain
            .first()
            .map_or("", |leaf| leaf.issuer.as_str());
        Support::certain(
            "The server's certificate was revoked by the authority that issued it.",
            tls.shows(format!(
                "The check of the certificate, issued by \"{issuer}\", says: revoked."
            )),
        )
        .into()
    },
};

fn revoked(tls: &Seen<'_, TlsEstablished>) -> bool {
    let says = |verdict: &ChainVerdict| match verdict {
        ChainVerdict::Revoked => true,
        ChainVerdict::Other { detail } => detail.to_ascii_lowercase().contains("revoked"),
        _ => false,
    };
    let trust = &tls.fact.trust;
    says(&trust.mozilla)
        || trust.system.as_ref().is_some_and(says)
        || trust.given.as_ref().is_some_and(says)
}

pub(super) const NAME_NOT_SENT: Rule = Rule {
    cause: "tls-sni-missing",
    explains: &["tls-cipher-mismatch"],
    judge: name_not_sent,
};

/// Address literals are not sent in TLS, so a server of many names cannot know which is meant.
fn name_not_sent(evidence: &Evidence<'_>) -> Judgement {
    if !evidence.target().host_is_address {
        return Judgement::nothing();
    }
    let host = &evidence.target().host;
    let summary = format!(
        "The URL holds the address {host} and no name, so the TLS hello names no host, and the server wants one."
    );
    if let Some((seen, Failure::Alert { code, name })) = reach::tls_failed(evidence) {
        let shows = seen.shows(format!(
            "To a TLS hello without a host name the server sends alert {code} ({name})."
        ));
        return match code {
            112 => Support::certain(summary, shows).into(),
            // Servers that find no certificate for the absent name end so; so do others for their reasons.
            40 | 80 if seen.fact.client_certificate_requested || any_agreed(evidence) => {
                Judgement::nothing()
            }
            40 | 80 => Support::likely(summary, shows)
                .untested("the same with the service's name in the URL")
                .weighing(if *code == 80 { 60 } else { 45 })
                .into(),
            _ => Judgement::nothing(),
        };
    }
    let Some(tls) = reach::untrusted(evidence) else {
        return Judgement::nothing();
    };
    if *verdict(&tls.fact.trust) != ChainVerdict::WrongName {
        return Judgement::nothing();
    }
    let names = tls.fact.chain.first().map_or(&[][..], |leaf| &leaf.names);
    Support::possible(
        summary,
        tls.shows(format!(
            "The server shows its default certificate, for {}.",
            listed(names)
        )),
    )
    .untested("the same with the service's name in the URL")
    .into()
}

/// Whether any variation of the hello was accepted.
fn any_agreed(evidence: &Evidence<'_>) -> bool {
    evidence
        .tls_attempts()
        .any(|seen| reach::established(&seen).is_some())
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_star_covers_one_label() {
        let names = ["*.example.com".to_owned(), "Example.org".to_owned()];
        assert!(covers(&names, "ws.example.com"));
        assert!(covers(&names, "EXAMPLE.org."));
        assert!(!covers(&names, "a.b.example.com"));
        assert!(!covers(&names, "example.com"));
    }
}
