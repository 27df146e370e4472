//! The check page's tests as they stand after its repetitions.

use crate::evidence::{Evidence, Seen};
use crate::observation::{PageTest, PageTestKind, PageTestOutcome};

/// The tests that still stand: the check page repeats one that failed, and if it passes then, the failure was a bad
/// moment.
pub(super) fn standing_tests<'a>(evidence: &Evidence<'a>) -> Vec<Seen<'a, PageTest>> {
    let all: Vec<Seen<'a, PageTest>> = evidence.page_tests().collect();
    all.iter()
        .filter(|seen| {
            seen.fact.outcome == PageTestOutcome::Passed
                || !all.iter().any(|other| {
                    other.id > seen.id
                        && other.fact.test == seen.fact.test
                        && other.fact.outcome == PageTestOutcome::Passed
                })
        })
        .copied()
        .collect()
}

/// The last test of a kind.
pub(super) fn last_test<'a>(
    evidence: &Evidence<'a>,
    wanted: impl Fn(PageTestKind) -> bool,
) -> Option<Seen<'a, PageTest>> {
    evidence
        .page_tests()
        .filter(|seen| wanted(seen.fact.test))
        .last()
}

/// The last test of a kind, where it passed.
pub(super) fn passed<'a>(
    evidence: &Evidence<'a>,
    wanted: PageTestKind,
) -> Option<Seen<'a, PageTest>> {
    last_test(evidence, |kind| kind == wanted)
        .filter(|seen| seen.fact.outcome == PageTestOutcome::Passed)
}
