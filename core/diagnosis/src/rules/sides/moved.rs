//! Ends that the device itself explains: it slept, or it changed its network. Nothing is broken then.

use crate::evidence::{Evidence, Seen};
use crate::observation::{Attempt, AttemptEnd, Page};
use crate::rules::{Judgement, Rule, Support};

pub(super) const SLEPT: Rule = Rule {
    cause: "time-sleep",
    explains: &["unknown-below-app"],
    judge: |evidence| {
        explained(
            evidence,
            |page| page.slept && !page.hidden,
            "The device slept while the connection was open, and found it gone on waking.",
            "The page's clock stood still for a while.",
        )
    },
};

pub(super) const FROZEN: Rule = Rule {
    cause: "page-freeze-bfcache",
    explains: &["unknown-below-app"],
    judge: |evidence| {
        explained(
            evidence,
            |page| page.slept && page.hidden,
            "The browser put the page to rest in the background and ended its connection.",
            "The page was in the background and its clock stood still for a while.",
        )
    },
};

pub(super) const CHANGED: Rule = Rule {
    cause: "time-network-change",
    explains: &["unknown-below-app"],
    judge: |evidence| {
        explained(
            evidence,
            |page| page.network_changed,
            "The device changed its network, and connections of the old one ended.",
            "The browser tells of a lost or changed network.",
        )
    },
};

fn explained(
    evidence: &Evidence<'_>,
    applies: fn(&Page) -> bool,
    summary: &str,
    shows: &str,
) -> Judgement {
    let page: Option<Seen<'_, Page>> = evidence.pages().find(|seen| applies(seen.fact));
    let died: Option<Seen<'_, Attempt>> = evidence.attempts().find(|seen| {
        seen.fact.proven_ms.is_some()
            && matches!(
                seen.fact.end,
                AttemptEnd::Failed { .. } | AttemptEnd::Silent
            )
    });
    match (page, died) {
        (Some(page), Some(died)) => Support::likely(summary, page.shows(shows))
            .and(died.shows(format!(
                "The transport `{}`, which had worked, ended without a word.",
                died.fact.transport
            )))
            .into(),
        _ => Judgement::nothing(),
    }
}
