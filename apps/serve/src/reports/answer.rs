//! What a page is told of its case.

use serde::Serialize;
use towpath_diagnosis::observation::{PageTestKind, PageTestOutcome, Transport};
use towpath_diagnosis::{Fact, Finding, Verdict};
use towpath_reports::Case;

use crate::code;

/// The answer to a report (docs/reports.md, section 2).
#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    code: String,
    verdict: Verdict,
    findings: &'a [Finding],
    context: &'a [Finding],
    works: Vec<Transport>,
    network: &'a str,
}

impl<'a> Answer<'a> {
    pub(super) fn of(case: &'a Case) -> Self {
        let facts = case.observations.iter().map(|one| &one.fact);
        let mut works: Vec<Transport> = facts.filter_map(working).collect();
        works.sort_unstable();
        works.dedup();
        Self {
            code: code::written(&case.code),
            verdict: case.diagnosis.verdict,
            findings: &case.diagnosis.findings,
            context: &case.diagnosis.context,
            works,
            network: &case.network,
        }
    }
}

/// The transport that a fact shows to work, both ways.
fn working(fact: &Fact) -> Option<Transport> {
    match fact {
        Fact::Attempt(attempt) => attempt.proven_ms.map(|_| attempt.transport),
        Fact::PageTest(test) if test.outcome == PageTestOutcome::Passed => match test.test {
            PageTestKind::SocketText => Some(Transport::Websocket),
            PageTestKind::Stream => Some(Transport::Stream),
            PageTestKind::EventStream => Some(Transport::Sse),
            PageTestKind::LongPoll => Some(Transport::Poll),
            _ => None,
        },
        _ => None,
    }
}
