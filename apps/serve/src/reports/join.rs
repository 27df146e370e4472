//! Both sides of the same attempt on one axis, judged: the one place that makes a case.
//!
//! Pure: times are arguments, and what is made depends on nothing else.

use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::{Attempt, History, Scheme, Target, Transport};
use towpath_diagnosis::{Diagnosis, Fact, Observation, ObservationId, diagnose};
use towpath_reports::{Case, CaseKind};

use super::page_side::PageSide;
use crate::observe::{Seen, browser};

/// Joins what the gateway saw with what the page saw, if it reported.
pub(crate) fn join(seen: Seen, page: Option<PageSide>) -> Case {
    let earliest = page.iter().flat_map(|page| &page.facts).map(|(at, _)| *at);
    let started = earliest.min().unwrap_or(u64::MAX).min(seen.started_unix_ms);
    let earlier = seen.started_unix_ms - started;
    let mut facts: Vec<(u64, Vantage, Fact)> = seen
        .observations
        .into_iter()
        .map(|one| (one.at_ms + earlier, one.vantage, one.fact))
        .collect();
    let last = facts.iter().map(|(at, ..)| *at).max().unwrap_or(0);
    let (received, from_page) = (
        page.as_ref().map(|page| page.received_unix_ms),
        page.is_some(),
    );
    let mut browser_name = seen.browser;
    if let Some(page) = page {
        if let Some(named) = page.user_agent().filter(|_| names_none(&browser_name)) {
            browser_name = browser(named);
        }
        let page = page.facts.into_iter();
        facts.extend(page.map(|(at, fact)| (at - started, Vantage::Page, fact)));
    }
    // A stable sort: what happened in the same millisecond stays in its side's order, the gateway's first.
    facts.sort_by_key(|(at, ..)| *at);
    let kind = kind(&facts);
    let transport = if seen.transport.is_empty() {
        proven_last(&facts).map_or(String::new(), |transport| transport.as_str().to_owned())
    } else {
        seen.transport
    };
    let target = target(&seen.host, seen.secure, &seen.path, started);
    let (observations, diagnosis) = judged(target, facts);
    Case {
        code: seen.code.into(),
        kind,
        started_unix_ms: started,
        updated_unix_ms: (started + last).max(received.unwrap_or(0)),
        network: seen.network,
        user: seen.user,
        browser: browser_name,
        host: seen.host,
        path: seen.path,
        transport,
        from_page,
        observations,
        diagnosis,
    }
}

/// The case of a network, of its connections together. `host` is whose, and whether it is asked for over TLS.
pub(super) fn of_network(
    code: String,
    history: History,
    host: &(String, bool),
    now_unix_ms: u64,
) -> Case {
    let (host, secure) = host;
    let started = now_unix_ms.saturating_sub(history.span_ms);
    let network = history.network.clone();
    let at = now_unix_ms - started;
    let facts = vec![(at, Vantage::Gateway, Fact::History(history))];
    let target = target(host, *secure, "/", started);
    let (observations, diagnosis) = judged(target, facts);
    Case {
        code,
        kind: CaseKind::Network,
        started_unix_ms: started,
        updated_unix_ms: now_unix_ms,
        network,
        user: String::new(),
        browser: String::new(),
        host: host.clone(),
        path: "/".to_owned(),
        transport: String::new(),
        from_page: false,
        observations,
        diagnosis,
    }
}

fn judged(target: Target, facts: Vec<(u64, Vantage, Fact)>) -> (Vec<Observation>, Diagnosis) {
    let first = (0, Vantage::Gateway, Fact::Target(target));
    let all = std::iter::once(first).chain(facts);
    let observations: Vec<Observation> = (1..)
        .zip(all)
        .map(|(number, (at_ms, vantage, fact))| Observation {
            id: ObservationId(number),
            at_ms,
            vantage,
            answers: None,
            fact,
        })
        .collect();
    let diagnosis = diagnose(&observations);
    (observations, diagnosis)
}

/// What was asked for. The authority is as the client wrote it: a host, with or without a port.
fn target(authority: &str, secure: bool, path: &str, started_unix_ms: u64) -> Target {
    let (scheme, usual) = if secure {
        (Scheme::Wss, 443)
    } else {
        (Scheme::Ws, 80)
    };
    let (host, port) = match authority.rsplit_once(':') {
        // The last part of an address in brackets is no port.
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().unwrap_or(usual)),
        _ => (authority, usual),
    };
    Target {
        started_unix_s: started_unix_ms / 1_000,
        ..Target::watched(scheme, host, port, path)
    }
}

fn kind(facts: &[(u64, Vantage, Fact)]) -> CaseKind {
    let mut carried = facts.iter().filter_map(|(.., fact)| match fact {
        Fact::Arrival(arrival) => Some(arrival.transport),
        Fact::Attachment(attachment) => Some(attachment.transport),
        Fact::Attempt(attempt) => Some(attempt.transport),
        _ => None,
    });
    if facts
        .iter()
        .any(|(.., fact)| matches!(fact, Fact::PageTest(_)))
    {
        CaseKind::Check
    } else if carried.clone().next().is_some() && carried.all(|one| one == Transport::Plain) {
        CaseKind::Plain
    } else {
        CaseKind::Session
    }
}

/// The transport that the page proved last.
fn proven_last(facts: &[(u64, Vantage, Fact)]) -> Option<Transport> {
    facts.iter().rev().find_map(|(.., fact)| match fact {
        Fact::Attempt(Attempt {
            transport,
            proven_ms: Some(_),
            ..
        }) => Some(*transport),
        _ => None,
    })
}

fn names_none(browser: &str) -> bool {
    browser.is_empty() || browser == "other"
}

#[cfg(test)]
mod tests;
