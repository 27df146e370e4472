//! What a lookup came to, and answers that are none: sinkholes and blocks.

use core::net::{IpAddr, Ipv4Addr};

use super::disagree::all_private;
use super::missing::directly;
use crate::evidence::{Evidence, Seen};
use crate::observation::{Change, NameOutcome, Resolution, Resolver};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};

/// The system's lookup, where it gave no address and this run therefore failed.
pub(super) fn failed<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Resolution>> {
    let lookup = reach::lookup(evidence)?;
    let found = matches!(lookup.fact.outcome, NameOutcome::Addresses(_));
    (!found && !reach::works(evidence)).then_some(lookup)
}

/// The addresses in an answer.
pub(super) fn addresses(resolution: &Resolution) -> &[IpAddr] {
    match &resolution.outcome {
        NameOutcome::Addresses(answer) => &answer.addresses,
        _ => &[],
    }
}

/// A resolver's outcome in words.
pub(super) fn says(resolution: &Resolution) -> String {
    let outcome = match &resolution.outcome {
        NameOutcome::Addresses(answer) => {
            let all: Vec<String> = answer.addresses.iter().map(ToString::to_string).collect();
            format!("the address is {}", all.join(", "))
        }
        NameOutcome::NoSuchName => "the name does not exist (NXDOMAIN)".into(),
        NameOutcome::NoAddress => "the name has no address".into(),
        NameOutcome::ServerFailure => "the lookup failed (SERVFAIL)".into(),
        NameOutcome::Refused => "the query is refused (REFUSED)".into(),
        NameOutcome::TimedOut => format!(
            "no answer within {}",
            crate::words::duration(resolution.elapsed_ms)
        ),
        NameOutcome::Other { detail } => detail.clone(),
    };
    match blocked(resolution) {
        Some(code) => format!("{outcome}, extended error {code} ({})", extended(code)),
        None => outcome,
    }
}

/// Who was asked, in words.
pub(super) fn who(resolution: &Resolution) -> String {
    match &resolution.resolver {
        Resolver::System => "the system".into(),
        Resolver::Server { server, .. } => format!("name server {server}"),
        Resolver::Given => "the given address".into(),
    }
}

/// The extended DNS error (RFC 8914) by which a resolver says that it withholds an answer.
pub(super) fn blocked(resolution: &Resolution) -> Option<u16> {
    let beside = match &resolution.outcome {
        NameOutcome::Addresses(answer) => answer.extended_errors.as_slice(),
        _ => &[],
    };
    resolution
        .extended_errors
        .iter()
        .chain(beside)
        .copied()
        .find(|code| matches!(code, 4 | 15..=18))
}

fn extended(code: u16) -> &'static str {
    match code {
        4 => "forged answer",
        15 => "blocked",
        16 => "censored",
        17 => "filtered",
        _ => "prohibited",
    }
}

pub(super) const FILTERED: Rule = Rule {
    cause: "dns-filtered",
    explains: &[
        "tcp-refused",
        "tcp-drop",
        "tls-name-mismatch",
        "net-offline",
    ],
    judge: filtered,
};

fn filtered(evidence: &Evidence<'_>) -> Judgement {
    let Some(lookup) = reach::lookup(evidence) else {
        return Judgement::nothing();
    };
    if reach::works(evidence) || lookup.fact.resolver == Resolver::Given {
        return Judgement::nothing();
    }
    if let Some(judgement) = said_so(evidence, &lookup) {
        return judgement;
    }
    if let Some(support) = sinkhole(evidence, &lookup) {
        return support.into();
    }
    hidden_by_one(evidence, &lookup)
}

/// A resolver says itself that it blocks.
fn said_so(evidence: &Evidence<'_>, lookup: &Seen<'_, Resolution>) -> Option<Judgement> {
    let servers = reach::asked_directly(evidence, false);
    let seen = std::iter::once(lookup)
        .chain(&servers)
        .find(|seen| blocked(seen.fact).is_some())?;
    let summary = format!(
        "The resolver of this network withholds the address of `{}` and says so.",
        lookup.fact.name
    );
    // dnsmasq says "blocked" also when it guards against rebinding, of an answer that it empties.
    let emptied = matches!(
        seen.fact.outcome,
        NameOutcome::NoAddress | NameOutcome::Refused
    );
    let ambiguous = emptied && blocked(seen.fact) == Some(15);
    if ambiguous && servers.iter().any(|seen| all_private(seen.fact)) {
        return Some(Judgement::nothing());
    }
    let case = if ambiguous {
        Support::likely(summary, directly(seen))
            .untested("whether a resolver elsewhere gives a private address, which a router may hold back as a protection")
            .weighing(40)
    } else {
        Support::certain(summary, directly(seen))
    };
    Some(case.into())
}

/// The answer is an address where no service can be.
fn sinkhole(evidence: &Evidence<'_>, lookup: &Seen<'_, Resolution>) -> Option<Support> {
    let found = addresses(lookup.fact);
    if found.is_empty() || by_hosts_file(evidence) {
        return None;
    }
    let summary = format!(
        "The resolver answers for `{}` with an address that leads nowhere.",
        lookup.fact.name
    );
    if found.iter().all(IpAddr::is_unspecified) {
        return Some(Support::certain(
            summary,
            lookup.shows(format!(
                "The name resolves to {}, which is nobody's address: filters answer so.",
                found[0]
            )),
        ));
    }
    let vendor = found.iter().find_map(|address| {
        let (_, vendor) = SINKHOLES
            .iter()
            .find(|(known, _)| IpAddr::V4(*known) == *address)?;
        Some((*address, *vendor))
    });
    vendor.map(|(address, vendor)| {
        Support::certain(
            summary,
            lookup.shows(format!(
                "The name resolves to {address}, where {vendor} keeps its block page."
            )),
        )
    })
}

/// Whether the hosts file of this machine names the target.
pub(super) fn by_hosts_file(evidence: &Evidence<'_>) -> bool {
    evidence
        .environments()
        .any(|seen| !seen.fact.hosts_file.is_empty())
}

/// One name server knows a public address and the one in use does not.
fn hidden_by_one(evidence: &Evidence<'_>, lookup: &Seen<'_, Resolution>) -> Judgement {
    if !matches!(
        lookup.fact.outcome,
        NameOutcome::NoSuchName | NameOutcome::NoAddress | NameOutcome::Refused
    ) {
        return Judgement::nothing();
    }
    let servers = reach::asked_directly(evidence, false);
    let denies = servers.iter().find(|seen| addresses(seen.fact).is_empty());
    let knows = servers.iter().find(|seen| {
        addresses(seen.fact)
            .iter()
            .any(|address| !private(*address))
    });
    let (Some(denies), Some(knows)) = (denies, knows) else {
        return Judgement::ask([Question::ResolveDirect]);
    };
    let summary = format!(
        "One of this machine's name servers hides `{}`; another knows it.",
        lookup.fact.name
    );
    let Some(address) = addresses(knows.fact)
        .iter()
        .find(|address| !private(**address))
    else {
        return Judgement::nothing();
    };
    if let Some(opened) = opens_at(evidence, *address) {
        return Support::certain(summary, directly(denies))
            .and(directly(knows))
            .and(opened)
            .into();
    }
    Judgement::from(
        Support::likely(summary, directly(denies))
            .and(directly(knows))
            .weighing(60),
    )
    .and_ask([at_address(*address)])
}

/// The question whether the handshake opens at another address.
pub(super) fn at_address(address: IpAddr) -> Question {
    Question::Handshake {
        changes: vec![to_address(address)],
    }
}

fn to_address(address: IpAddr) -> Change {
    Change::Address {
        address: address.to_string(),
    }
}

/// The handshake that opened at another address, as evidence.
pub(super) fn opens_at(
    evidence: &Evidence<'_>,
    address: IpAddr,
) -> Option<crate::finding::Evidence> {
    let seen = evidence.handshake(&[to_address(address)])?;
    crate::evidence::opened(&seen)?;
    Some(seen.shows(format!(
        "At {address}, under the same name, the WebSocket opens."
    )))
}

/// Whether an address is only valid inside a network (RFC 1918, RFC 4193, link-local, loopback).
pub(crate) fn private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            four.is_private()
                || four.is_loopback()
                || four.is_link_local()
                || four.is_unspecified()
                || (four.octets()[0] == 100 && four.octets()[1] & 0xc0 == 64)
        }
        IpAddr::V6(six) => {
            six.is_loopback()
                || six.is_unspecified()
                || six.is_unique_local()
                || six.is_unicast_link_local()
                || six
                    .to_ipv4_mapped()
                    .is_some_and(|four| private(IpAddr::V4(four)))
        }
    }
}

/// Addresses that vendors document as those of their block pages or sinkholes.
const SINKHOLES: &[(Ipv4Addr, &str)] = &[
    (Ipv4Addr::new(146, 112, 61, 104), "Cisco Umbrella"),
    (Ipv4Addr::new(146, 112, 61, 105), "Cisco Umbrella"),
    (Ipv4Addr::new(146, 112, 61, 106), "Cisco Umbrella"),
    (Ipv4Addr::new(146, 112, 61, 107), "Cisco Umbrella"),
    (Ipv4Addr::new(146, 112, 61, 108), "Cisco Umbrella"),
    (Ipv4Addr::new(146, 112, 61, 109), "Cisco Umbrella"),
    (Ipv4Addr::new(146, 112, 61, 110), "Cisco Umbrella"),
    (Ipv4Addr::new(208, 91, 112, 55), "FortiGuard"),
    (Ipv4Addr::new(72, 5, 65, 111), "Palo Alto Networks"),
];
