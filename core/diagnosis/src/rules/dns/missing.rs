//! The lookup gives no address: the name does not exist, or the resolver fails.

use super::answer::{blocked, failed, says, who};
use crate::evidence::{Evidence, Seen};
use crate::observation::{NameOutcome, Resolution};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};

pub(super) const NO_SUCH_NAME: Rule = Rule {
    cause: "dns-nxdomain",
    explains: &[],
    judge: no_such_name,
};

fn no_such_name(evidence: &Evidence<'_>) -> Judgement {
    let Some(lookup) = failed(evidence) else {
        return Judgement::nothing();
    };
    let name = &lookup.fact.name;
    let summary = match lookup.fact.outcome {
        NameOutcome::NoSuchName => format!("The name `{name}` does not exist."),
        NameOutcome::NoAddress => format!("The name `{name}` exists and has no address."),
        NameOutcome::Other { .. } => format!("The name `{name}` cannot be looked up."),
        _ => return Judgement::nothing(),
    };
    let servers = reach::asked_directly(evidence, false);
    let contradicted = servers.iter().any(|seen| {
        matches!(seen.fact.outcome, NameOutcome::Addresses(_)) || blocked(seen.fact).is_some()
    });
    if contradicted || blocked(lookup.fact).is_some() {
        return Judgement::nothing();
    }
    let shows = lookup.shows(format!("The system's lookup says: {}.", says(lookup.fact)));
    // RFC 6761 section 6.4: nobody can ever register a name there.
    let case = if name
        .to_ascii_lowercase()
        .trim_end_matches('.')
        .ends_with(".invalid")
    {
        Support::certain(summary, shows)
    } else {
        Support::likely(summary, shows)
            .untested("whether a resolver outside this network knows the name")
    };
    let case = case.and_all(servers.iter().filter(|seen| no_address(seen)).map(directly));
    Judgement::from(case).and_ask([Question::ResolveDirect])
}

fn no_address(seen: &Seen<'_, Resolution>) -> bool {
    matches!(
        seen.fact.outcome,
        NameOutcome::NoSuchName | NameOutcome::NoAddress
    )
}

/// What a name server said when asked directly, as evidence.
pub(super) fn directly(seen: &Seen<'_, Resolution>) -> crate::finding::Evidence {
    seen.shows(format!(
        "Asked directly, {} says: {}.",
        who(seen.fact),
        says(seen.fact)
    ))
}

pub(super) const FAILS: Rule = Rule {
    cause: "dns-servfail",
    explains: &[],
    judge: fails,
};

fn fails(evidence: &Evidence<'_>) -> Judgement {
    let Some(lookup) = failed(evidence) else {
        return Judgement::nothing();
    };
    if !resolver_failed(lookup.fact) || blocked(lookup.fact).is_some() {
        return Judgement::nothing();
    }
    let ask = [Question::ResolveDirect];
    let shows = lookup.shows(format!("The system's lookup says: {}.", says(lookup.fact)));
    let servers = reach::asked_directly(evidence, false);
    let elsewhere = servers.iter().any(|seen| {
        blocked(seen.fact).is_some() || matches!(seen.fact.outcome, NameOutcome::NoSuchName)
    });
    let unreachable = !servers.is_empty() && servers.iter().all(|seen| offline(seen.fact));
    if elsewhere || unreachable {
        return Judgement::nothing();
    }
    let unchecked = reach::asked_directly(evidence, true)
        .into_iter()
        .find(|seen| matches!(seen.fact.outcome, NameOutcome::Addresses(_)));
    let refused = servers
        .iter()
        .find(|seen| matches!(seen.fact.outcome, NameOutcome::ServerFailure));
    let case = match (unchecked, refused) {
        (Some(unchecked), _) => Support::certain(
            format!("The signatures (DNSSEC) of `{}` do not check out, so the resolver withholds its address.", lookup.fact.name),
            unchecked.shows(format!("With checking disabled {} gives an address.", who(unchecked.fact))),
        )
        .and(shows),
        (None, Some(refused)) => Support::certain("The name server fails to answer for this name.", directly(refused)).and(shows),
        (None, None) => {
            let case = Support::likely("The lookup itself fails: no name server gives an answer.", shows)
                .untested("whether the same name server answers for other names");
            let answered = servers
                .iter()
                .find(|seen| matches!(seen.fact.outcome, NameOutcome::Addresses(_)));
            match answered {
                Some(seen) => case.but(directly(seen)),
                None => case.and_all(servers.iter().map(directly)),
            }
        }
    };
    Judgement::from(case).and_ask(ask)
}

fn resolver_failed(resolution: &Resolution) -> bool {
    matches!(
        resolution.outcome,
        NameOutcome::ServerFailure | NameOutcome::Refused | NameOutcome::TimedOut
    )
}

/// Whether a query could not even leave this machine.
pub(crate) fn offline(resolution: &Resolution) -> bool {
    matches!(&resolution.outcome, NameOutcome::Other { detail } if {
        let lower = detail.to_ascii_lowercase();
        lower.contains("unreachable") || lower.contains("no route")
    })
}
