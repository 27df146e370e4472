//! Two resolvers, or the system and its own name server, say different things of one name.

use core::net::IpAddr;

use super::answer::{
    addresses, at_address, blocked, by_hosts_file, failed, opens_at, private, says,
};
use super::missing::directly;
use crate::evidence::{Evidence, Seen};
use crate::observation::{ChainVerdict, NameOutcome, Resolution, Resolver};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};

pub(super) const SPLIT: Rule = Rule {
    cause: "dns-split",
    explains: &["tcp-refused", "tcp-drop"],
    judge: split,
};

fn split(evidence: &Evidence<'_>) -> Judgement {
    let Some(lookup) = reach::lookup(evidence) else {
        return Judgement::nothing();
    };
    if reach::works(evidence) || lookup.fact.resolver == Resolver::Given {
        return Judgement::nothing();
    }
    let name = &lookup.fact.name;
    let servers = reach::asked_directly(evidence, false);
    let inside = servers.iter().find(|seen| all_private(seen.fact));
    let outside = servers.iter().find(|seen| {
        seen.fact.outcome == NameOutcome::NoSuchName
            || addresses(seen.fact)
                .iter()
                .any(|address| !private(*address))
    });
    let not_reached = failed(evidence).is_some() || !reach::unconnected(evidence).is_empty();
    if let (Some(inside), Some(outside), true) = (inside, outside, not_reached) {
        let summary = format!(
            "`{name}` is known inside a company network or VPN, and this machine asked outside."
        );
        let case = if outside.fact.outcome == NameOutcome::NoSuchName {
            Support::certain(summary, directly(outside))
        } else {
            Support::likely(summary, directly(outside))
        };
        return case.and(directly(inside)).into();
    }
    match failed(evidence) {
        Some(lookup)
            if lookup.fact.outcome == NameOutcome::NoSuchName
                && internal(name)
                && inside.is_none() =>
        {
            Support::possible(
                format!("`{name}` looks like a name of a company network or VPN that this machine is not connected to."),
                lookup.shows(format!("The system's lookup says: {}; names under this ending are used inside networks only.", says(lookup.fact))),
            )
            .untested("the same with the VPN on")
            .into()
        }
        _ => Judgement::nothing(),
    }
}

pub(super) fn all_private(resolution: &Resolution) -> bool {
    let found = addresses(resolution);
    !found.is_empty() && found.iter().all(|address| private(*address))
}

/// Endings that are used inside networks (among them those of RFC 6762 appendix G and RFC 8375).
fn internal(name: &str) -> bool {
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    let ending = lower.rsplit('.').next().unwrap_or_default();
    !lower.contains('.')
        || lower.ends_with(".home.arpa")
        || matches!(
            ending,
            "internal"
                | "corp"
                | "lan"
                | "intra"
                | "intranet"
                | "private"
                | "home"
                | "local"
                | "localdomain"
                | "priv"
        )
}

pub(super) const REBIND_GUARD: Rule = Rule {
    cause: "dns-rebind-guard",
    explains: &["dns-override", "dns-nxdomain"],
    judge: rebind_guard,
};

fn rebind_guard(evidence: &Evidence<'_>) -> Judgement {
    let Some(lookup) = failed(evidence) else {
        return Judgement::nothing();
    };
    if lookup.fact.outcome == NameOutcome::NoSuchName || reach::lookup(evidence).is_none() {
        return Judgement::nothing();
    }
    let servers = reach::asked_directly(evidence, false);
    let empty = servers.iter().find(|seen| {
        matches!(
            seen.fact.outcome,
            NameOutcome::NoAddress | NameOutcome::Refused
        )
    });
    let inside = servers.iter().find(|seen| all_private(seen.fact));
    let summary = format!(
        "A resolver removes the private address of `{}` from its answer, as a protection against rebinding.",
        lookup.fact.name
    );
    if let (Some(empty), Some(inside)) = (empty, inside) {
        return Support::certain(summary, directly(empty))
            .and(directly(inside))
            .into();
    }
    if lookup.fact.outcome != NameOutcome::NoAddress {
        return Judgement::nothing();
    }
    match empty.filter(|seen| blocked(seen.fact) == Some(15)) {
        Some(empty) => Support::likely(summary, directly(empty))
            .untested("whether a resolver elsewhere gives a private address: then it is this, else a filter blocks the name")
            .weighing(60)
            .into(),
        None => Judgement::from(
            Support::possible(summary, lookup.shows(format!("The system's lookup says: {}.", says(lookup.fact))))
                .untested("whether a resolver elsewhere gives a private address"),
        )
        .and_ask([Question::ResolveDirect]),
    }
}

/// The system's answer, and what its name servers say instead, where the two have nothing in common.
struct Overridden<'a> {
    lookup: Seen<'a, Resolution>,
    server: Seen<'a, Resolution>,
}

fn overridden<'a>(evidence: &Evidence<'a>) -> Option<Overridden<'a>> {
    let lookup = reach::lookup(evidence)?;
    if lookup.fact.resolver != Resolver::System {
        return None;
    }
    let used = addresses(lookup.fact);
    let servers = reach::asked_directly(evidence, false);
    let other = |seen: &Seen<'a, Resolution>| {
        let said = addresses(seen.fact);
        !said.is_empty() && said.iter().all(|address| !used.contains(address))
    };
    let answered = servers
        .iter()
        .filter(|seen| !addresses(seen.fact).is_empty());
    if answered.clone().count() == 0 || !answered.clone().all(other) {
        return None;
    }
    // A name server that denies the name agrees with a system that finds nothing.
    let agrees = used.is_empty()
        && servers
            .iter()
            .any(|seen| seen.fact.outcome == lookup.fact.outcome);
    let server = *answered.clone().next()?;
    (!agrees).then_some(Overridden { lookup, server })
}

/// Whether the address itself may be at fault: nothing connects, or a wrong server answers.
fn address_doubtful(evidence: &Evidence<'_>) -> bool {
    !reach::unconnected(evidence).is_empty()
        || failed(evidence).is_some()
        || reach::untrusted(evidence).is_some()
        || reach::tls_failed(evidence).is_some()
}

/// Whether another machine than the service's seems to be there: none accepts, or another name's does.
fn wrong_machine(evidence: &Evidence<'_>) -> bool {
    !reach::unconnected(evidence).is_empty()
        || reach::untrusted(evidence).is_some_and(|tls| {
            let trust = &tls.fact.trust;
            trust.mozilla == ChainVerdict::WrongName
                || trust.given == Some(ChainVerdict::WrongName)
                || trust.system == Some(ChainVerdict::WrongName)
        })
}

/// Whether a name always means this machine (RFC 6761 section 6.3).
pub(crate) fn localhost(name: &str) -> bool {
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    lower == "localhost" || lower.ends_with(".localhost")
}

pub(super) const OVERRIDE: Rule = Rule {
    cause: "dns-override",
    explains: &[
        "tcp-refused",
        "tcp-drop",
        "tls-name-mismatch",
        "tls-private-ca",
        "dns-stale",
        "net-offline",
        "http-404",
    ],
    judge: override_,
};

fn override_(evidence: &Evidence<'_>) -> Judgement {
    if reach::works(evidence) || localhost(&evidence.target().host) {
        return Judgement::nothing();
    }
    let hosts_file = by_hosts_file(evidence);
    // The answers of a server that is not the one of this name.
    let refused = hosts_file
        && evidence
            .refusal()
            .is_some_and(|refusal| matches!(refusal.fact.status, 404 | 421));
    if !address_doubtful(evidence) && !refused {
        return Judgement::nothing();
    }
    if reach::lookup(evidence).is_none_or(|seen| seen.fact.resolver != Resolver::System) {
        return Judgement::nothing();
    }
    let Some(found) = overridden(evidence) else {
        return Judgement::ask(hosts_file.then_some(Question::ResolveDirect));
    };
    let name = &found.lookup.fact.name;
    let source = if hosts_file {
        "the hosts file"
    } else {
        "this machine"
    };
    let summary = format!("On this machine {source} gives `{name}` another address than DNS does.");
    let shows = found.lookup.shows(format!(
        "The system's lookup{} says: {}.",
        if hosts_file {
            ", by the hosts file,"
        } else {
            ""
        },
        says(found.lookup.fact)
    ));
    let address: IpAddr = addresses(found.server.fact)[0];
    if let Some(opened) = opens_at(evidence, address) {
        return Support::certain(summary, shows)
            .and(directly(&found.server))
            .and(opened)
            .weighing(70)
            .into();
    }
    let confidence = match (hosts_file, refused) {
        (true, false) => crate::Confidence::Likely,
        _ => crate::Confidence::Possible,
    };
    Judgement::from(
        Support::new(confidence, summary, shows)
            .and(directly(&found.server))
            .untested("whether the address that DNS gives works")
            .weighing(if refused { 20 } else { 65 }),
    )
    .and_ask([at_address(address)])
}

pub(super) const STALE: Rule = Rule {
    cause: "dns-stale",
    explains: &["tcp-refused", "tcp-drop"],
    judge: stale,
};

/// The machine uses an address that its name servers no longer give, and no hosts file says so.
fn stale(evidence: &Evidence<'_>) -> Judgement {
    if reach::works(evidence)
        || localhost(&evidence.target().host)
        || by_hosts_file(evidence)
        || !wrong_machine(evidence)
    {
        return Judgement::nothing();
    }
    let Some(lookup) = reach::lookup(evidence) else {
        return Judgement::nothing();
    };
    if lookup.fact.resolver != Resolver::System || addresses(lookup.fact).is_empty() {
        return Judgement::nothing();
    }
    let Some(found) = overridden(evidence) else {
        return Judgement::ask([Question::ResolveDirect]);
    };
    let address: IpAddr = addresses(found.server.fact)[0];
    let summary = format!(
        "This machine uses an address of `{}` that its name servers do not give (any more).",
        found.lookup.fact.name
    );
    let shows = found.lookup.shows(format!(
        "The system's lookup says: {}.",
        says(found.lookup.fact)
    ));
    let case = match opens_at(evidence, address) {
        Some(opened) => Support::likely(summary, shows).and(opened),
        None => Support::possible(summary, shows),
    };
    Judgement::from(
        case.and(directly(&found.server))
            .untested("which cache or setting keeps the address")
            .weighing(45),
    )
    .and_ask([at_address(address)])
}
