//! Uploads that a hop refuses for their size.

use super::standing::standing_tests;
use crate::evidence::Evidence;
use crate::observation::{PageTestKind, PageTestOutcome};
use crate::rules::{Judgement, Rule, Support};

pub(super) const LIMITED: Rule = Rule {
    cause: "proxy-body-limit",
    explains: &[],
    judge: limited,
};

/// The gateway itself takes all sizes that the check page sends, so a 413 is somebody else's.
fn limited(evidence: &Evidence<'_>) -> Judgement {
    let tests = standing_tests(evidence);
    let posts = tests.iter().filter_map(|seen| match seen.fact.test {
        PageTestKind::Post { bytes } => Some((bytes, seen)),
        _ => None,
    });
    let refused = posts
        .clone()
        .filter(|(bytes, seen)| {
            let too_large = matches!(
                seen.fact.outcome,
                PageTestOutcome::NotOpened {
                    status: Some(413),
                    ..
                }
            );
            too_large && *bytes <= TAKEN_BYTES_MAX
        })
        .min_by_key(|(bytes, _)| *bytes);
    let taken = posts
        .filter(|(_, seen)| seen.fact.outcome == PageTestOutcome::Passed)
        .max_by_key(|(bytes, _)| *bytes);
    match (refused, taken) {
        (Some((refused, seen)), Some((taken, other))) if taken < refused => Support::certain(
            format!(
                "Something on the way refuses uploads of {refused} bytes; {taken} bytes get through."
            ),
            seen.shows(format!(
                "An upload of {refused} bytes was answered 413, and not by the gateway."
            )),
        )
        .and(other.shows(format!("An upload of {taken} bytes was taken.")))
        .into(),
        _ => Judgement::nothing(),
    }
}

/// The largest upload that the check page's endpoint takes, in bytes.
const TAKEN_BYTES_MAX: u64 = 1 << 20;
