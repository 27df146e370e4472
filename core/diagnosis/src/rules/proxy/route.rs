//! Which way this run went, and what shows that a hop reads the traffic on it.

use crate::evidence::{Evidence, Seen, opened, refused};
use crate::observation::{Change, Failure, NameOutcome, ProxySetting, Response};
use crate::products;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

pub(super) const NOT_USED: Rule = Rule {
    cause: "proxy-not-used",
    explains: &[],
    judge: not_used,
};

/// The settings name a proxy, this run goes past it, and gets nowhere.
fn not_used(evidence: &Evidence<'_>) -> Judgement {
    let target = evidence.target();
    let loopback = target.host.eq_ignore_ascii_case("localhost")
        || target
            .host
            .parse::<core::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if target.proxy.is_some() || loopback || reach::works(evidence) {
        return Judgement::nothing();
    }
    let Some((environment, setting)) = unused(evidence) else {
        return Judgement::nothing();
    };
    let summary = format!(
        "This run went past the proxy {} that {} names, and the direct way does not work.",
        setting.proxy, setting.source
    );
    let named = environment.shows(format!(
        "{} names the proxy {}.",
        setting.source, setting.proxy
    ));
    if let Some((seen, failure)) = reach::unconnected(evidence).into_iter().next() {
        if seen.fact.address.ip().is_loopback() {
            return Judgement::nothing();
        }
        let shows = seen.shows(format!(
            "Connecting straight to {}: {}.",
            seen.fact.address,
            words::failure(failure)
        ));
        let case = if *failure == Failure::Refused {
            Support::possible(summary, shows)
        } else {
            Support::likely(summary, shows).weighing(75)
        };
        return case
            .and(named)
            .untested("the same through that proxy (`--proxy`)")
            .into();
    }
    let lookup = reach::lookup(evidence)
        .filter(|seen| !matches!(seen.fact.outcome, NameOutcome::Addresses(_)));
    match lookup {
        Some(lookup) => Support::likely(
            summary,
            lookup.shows(
                "This machine's own lookup of the name fails; a proxy would look it up itself.",
            ),
        )
        .and(named)
        .untested("the same through that proxy (`--proxy`)")
        .weighing(75)
        .into(),
        None => Judgement::nothing(),
    }
}

fn unused<'a>(
    evidence: &Evidence<'a>,
) -> Option<(Seen<'a, crate::observation::Environment>, &'a ProxySetting)> {
    evidence.environments().find_map(|seen| {
        let setting = seen.fact.proxies.iter().find(|setting| !setting.used)?;
        Some((seen, setting))
    })
}

pub(super) const HEADERS_REWRITTEN: Rule = Rule {
    cause: "proxy-hop-mangled",
    explains: &[],
    judge: headers_rewritten,
};

/// Lower-case names alone prove no hop: servers write them too.
fn headers_rewritten(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = evidence.first_handshake() else {
        return Judgement::nothing();
    };
    let Some(here) = answer(&first).filter(|answer| products::lowercase_names(answer.fact)) else {
        return Judgement::nothing();
    };
    let summary = "A hop on the way rewrites the headers of answers.";
    let direct = evidence
        .handshake(&[Change::Direct])
        .and_then(|seen| answer(&seen))
        .filter(|answer| !products::lowercase_names(answer.fact));
    if let Some(direct) = direct {
        return Support::certain(
            summary,
            here.shows("Through the proxy all header names of the answer are in lower case."),
        )
        .and(direct.shows("Past the proxy they are not."))
        .into();
    }
    match here.fact.header("via") {
        Some(via) => Support::likely(
            summary,
            here.shows(format!(
                "The answer names a hop, `via: {via}`, and all its header names are in lower case."
            )),
        )
        .into(),
        None => Judgement::nothing(),
    }
}

fn answer<'a>(seen: &Seen<'a, crate::observation::Handshake>) -> Option<Seen<'a, Response>> {
    refused(seen).or_else(|| {
        opened(seen).map(|switched| Seen {
            id: switched.id,
            fact: &switched.fact.response,
        })
    })
}
