//! Refusals whose status has no cause of its own: better a general word than none.
//!
//! These cases weigh little, so that a rule that knows the answer comes first.

use super::flip::{answered, with_status};
use crate::rules::{Judgement, Rule, Support};

pub(super) const OTHER_REFUSAL: Rule = Rule {
    cause: "http-400-generic",
    explains: &[],
    judge: |evidence| {
        let wanted = |status| {
            matches!(
                status,
                402 | 406 | 408 | 409 | 411..=413 | 415..=420 | 422..=425 | 428 | 440..=450 | 452..=493 | 495..=499
            )
        };
        match with_status(evidence, wanted) {
            Some(refusal) => Support::possible(
                "The server refuses the handshake with a status that says only that it does not want the request.",
                answered(&refusal),
            )
            .untested("what the server objects to: its log or documentation says")
            .weighing(10)
            .into(),
            None => Judgement::nothing(),
        }
    },
};

pub(super) const OTHER_FAILURE: Rule = Rule {
    cause: "http-500",
    explains: &[],
    judge: |evidence| {
        let wanted = |status| matches!(status, 505..=510 | 512..=519 | 527..=529 | 531..=599);
        match with_status(evidence, wanted) {
            Some(refusal) => Support::possible(
                "The server says that it failed, with a status that few servers use.",
                answered(&refusal),
            )
            .weighing(10)
            .into(),
            None => Judgement::nothing(),
        }
    },
};
