//! One try of a WebSocket, by the page's own connection or by a test of the check page, in one shape.

use super::standing::standing_tests;
use crate::evidence::Evidence;
use crate::finding;
use crate::observation::{
    Attempt, AttemptEnd, ObservationId, PageTest, PageTestKind, PageTestOutcome,
};
use crate::words::duration;

/// One try of a WebSocket as the page saw it.
pub(super) struct Trial {
    pub id: ObservationId,
    pub at_ms: u64,
    /// The beginning of a sentence: `The page's WebSocket`.
    pub what: String,
    pub came: Came,
}

/// What came of a trial. All times are in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// Data went up and came back.
    Proven,
    /// It failed before it opened.
    Refused { after_ms: u64 },
    /// It neither opened nor failed.
    Unanswered { after_ms: u64 },
    /// It opened and ended before anything came back.
    Cut { after_ms: u64 },
    /// It opened, stayed open, and nothing came back.
    Mute { waited_ms: u64 },
    /// It brought data, late and in heaps.
    HeldBack,
    /// Nothing that says anything about the way.
    Untold,
}

impl Trial {
    /// The trial as evidence.
    pub(super) fn shows(&self) -> finding::Evidence {
        let what = &self.what;
        finding::Evidence {
            observation: self.id,
            shows: match self.came {
                Came::Proven => format!("{what} worked."),
                Came::Refused { after_ms } => {
                    format!(
                        "{what} failed after {} without opening.",
                        duration(after_ms)
                    )
                }
                Came::Unanswered { after_ms } => {
                    format!(
                        "{what} neither opened nor failed within {}.",
                        duration(after_ms)
                    )
                }
                Came::Cut { after_ms } => format!(
                    "{what} opened and ended {} later, before anything came back.",
                    duration(after_ms)
                ),
                Came::Mute { waited_ms } => format!(
                    "{what} opened, and nothing came back within {}.",
                    duration(waited_ms)
                ),
                Came::HeldBack => format!("{what} brought data late and in heaps."),
                Came::Untold => format!("{what} was given up."),
            },
        }
    }
}

/// All trials of a case. `quickest_ms` is the shortest time in which anything else worked.
pub(super) fn trials(evidence: &Evidence<'_>, quickest_ms: Option<u64>) -> Vec<Trial> {
    let patience_ms = PATIENCE_MS.max(quickest_ms.unwrap_or_default().saturating_mul(2));
    let told_ms = evidence.pages().last().map(|page| evidence.at_ms(page.id));
    let attempts = evidence
        .attempts()
        .filter(|seen| seen.fact.transport.is_websocket())
        .map(|seen| {
            let at_ms = evidence.at_ms(seen.id);
            let ended_ms = at_ms.saturating_add(seen.fact.ended_ms.unwrap_or_default());
            let leaving = told_ms.is_some_and(|told| told < ended_ms.saturating_add(LEAVING_MS));
            let came = match came_of_attempt(seen.fact, patience_ms) {
                Came::Refused { .. } | Came::Cut { .. } if leaving => Came::Untold,
                came => came,
            };
            Trial {
                id: seen.id,
                at_ms,
                what: "The page's WebSocket".into(),
                came,
            }
        });
    let tests = standing_tests(evidence).into_iter().filter_map(|seen| {
        Some(Trial {
            id: seen.id,
            at_ms: evidence.at_ms(seen.id),
            what: format!(
                "In the user's browser a WebSocket {}",
                test_words(seen.fact.test)?
            ),
            came: came_of_test(seen.fact),
        })
    });
    attempts.chain(tests).collect()
}

fn came_of_attempt(attempt: &Attempt, patience_ms: u64) -> Came {
    // What came at first and was held back later shows neither that it works nor that it does not.
    if attempt.proven_ms.is_some() {
        return match attempt.end {
            AttemptEnd::HeldBack => Came::HeldBack,
            _ => Came::Proven,
        };
    }
    let ended_ms = attempt.ended_ms.unwrap_or_default();
    let since_open = attempt
        .opened_ms
        .map(|opened| ended_ms.saturating_sub(opened));
    match (&attempt.end, since_open) {
        (AttemptEnd::Failed { .. }, None) => Came::Refused { after_ms: ended_ms },
        (AttemptEnd::Failed { .. }, Some(after_ms)) => Came::Cut { after_ms },
        (AttemptEnd::HeldBack, _) => Came::HeldBack,
        // One that lost a race by a hair was given up at once, one that hangs only after its grace.
        (AttemptEnd::Silent | AttemptEnd::Cancelled, since_open) => {
            let waited_ms = since_open.unwrap_or(ended_ms);
            match since_open {
                _ if waited_ms < patience_ms => Came::Untold,
                None => Came::Unanswered {
                    after_ms: waited_ms,
                },
                Some(_) => Came::Mute { waited_ms },
            }
        }
        (AttemptEnd::Open | AttemptEnd::Overtaken | AttemptEnd::Closed { .. }, _) => Came::Untold,
    }
}

/// Tests that speak of one kind of message only are no trials unless they do not even open.
fn came_of_test(test: &PageTest) -> Came {
    let says_all = matches!(
        test.test,
        PageTestKind::SocketText | PageTestKind::SocketTrickle
    );
    match test.outcome {
        PageTestOutcome::NotOpened {
            after_ms,
            timed_out: false,
            ..
        } => Came::Refused { after_ms },
        PageTestOutcome::NotOpened { after_ms, .. } => Came::Unanswered { after_ms },
        // What the server said unasked shows one direction only.
        PageTestOutcome::Passed
            if !matches!(
                test.test,
                PageTestKind::SocketSilent | PageTestKind::SocketServerFirst
            ) =>
        {
            Came::Proven
        }
        PageTestOutcome::Cut {
            after_ms, bytes: 0, ..
        } if says_all => Came::Cut { after_ms },
        PageTestOutcome::Silent { waited_ms } if says_all => Came::Mute { waited_ms },
        PageTestOutcome::HeldBack { .. } if says_all => Came::HeldBack,
        _ => Came::Untold,
    }
}

/// What a test does, as the end of a sentence that begins with a WebSocket; nothing for tests without one.
pub(super) fn test_words(test: PageTestKind) -> Option<&'static str> {
    Some(match test {
        PageTestKind::SocketSilent => "that says nothing",
        PageTestKind::SocketText => "with a text message",
        PageTestKind::SocketBinary => "with a binary message",
        PageTestKind::SocketLarge { .. } => "with a large message",
        PageTestKind::SocketServerFirst => "where the server speaks first",
        PageTestKind::SocketCompressed => "with compression",
        PageTestKind::SocketTrickle => "with several small messages",
        PageTestKind::SocketIdle { .. } => "that stays silent for long",
        PageTestKind::SocketBusy { .. } => "with a message every second",
        PageTestKind::Fetch
        | PageTestKind::Stream
        | PageTestKind::EventStream
        | PageTestKind::LongPoll
        | PageTestKind::Post { .. }
        | PageTestKind::StreamIdle { .. } => return None,
    })
}

/// The shortest wait after which an attempt that was given up counts as unanswered.
const PATIENCE_MS: u64 = 1_500;
/// A page tells of a failure only after some time, or when it is left. Browsers end what is under way before they tell
/// the page that it is left, so a failure right before the report says nothing.
const LEAVING_MS: u64 = 1_500;
