//! What both sides' facts come to, looked up once for all rules of this folder.
//!
//! A **trial** is one try of a WebSocket, by the page's own connection or by a test of the check page; a **control**
//! is what worked at the same time without one. Nothing here names a cause.

use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::observation::{
    Arrival, Attachment, Attempt, AttemptEnd, ObservationId, Page, PageTest, PageTestKind,
    PageTestOutcome,
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

/// What worked at the same host without a WebSocket.
pub(super) struct Control {
    id: ObservationId,
    at_ms: u64,
    what: String,
    /// How long it took, in milliseconds, where that says something about the way.
    pub took_ms: Option<u64>,
}

impl Control {
    pub(super) fn shows(&self) -> finding::Evidence {
        finding::Evidence {
            observation: self.id,
            shows: self.what.clone(),
        }
    }
}

/// Both sides' facts about the WebSockets of one session or one run of the check page.
pub(super) struct Sides<'a> {
    pub trials: Vec<Trial>,
    controls: Vec<Control>,
    /// Requests for a WebSocket as they arrived.
    pub arrivals: Vec<Seen<'a, Arrival>>,
    /// Uses of a WebSocket.
    pub sockets: Vec<Seen<'a, Attachment>>,
    pub page: Option<Seen<'a, Page>>,
    /// Whether the gateway saw anything at all of this page.
    pub gateway_saw: bool,
    /// Something else failed too, so that a single failure may be the network's bad moment.
    pub unsteady: bool,
}

impl<'a> Sides<'a> {
    pub(super) fn of(evidence: &Evidence<'a>) -> Self {
        let controls = controls(evidence);
        let quickest = controls.iter().filter_map(|control| control.took_ms).min();
        let page = evidence.pages().last();
        Self {
            trials: trials(evidence, quickest),
            controls,
            arrivals: evidence
                .arrivals()
                .filter(|seen| seen.fact.transport.is_websocket())
                .collect(),
            sockets: evidence
                .attachments()
                .filter(|seen| seen.fact.transport.is_websocket())
                .collect(),
            gateway_saw: evidence.arrivals().next().is_some()
                || evidence.attachments().next().is_some(),
            unsteady: unsteady(evidence)
                || page.is_some_and(|page| {
                    !page.fact.online || page.fact.slept || page.fact.network_changed
                }),
            page,
        }
    }

    /// Whether a WebSocket worked: then a failure of another one was a bad moment.
    pub(super) fn websocket_works(&self) -> bool {
        self.trials.iter().any(|trial| trial.came == Came::Proven)
            || self
                .sockets
                .iter()
                .any(|seen| carried_both_ways(seen.fact) && !self.page_speaks())
    }

    /// Whether a WebSocket worked and nothing failed. Ends that sleep or another network explain are no failures.
    pub(super) fn all_well(&self, evidence: &Evidence<'_>) -> bool {
        let proven = self.trials.iter().any(|trial| trial.came == Came::Proven)
            || self.sockets.iter().any(|seen| carried_both_ways(seen.fact));
        let failed = self
            .trials
            .iter()
            .any(|trial| !matches!(trial.came, Came::Proven | Came::Untold));
        let tests_failed = standing_tests(evidence).iter().any(|seen| {
            !matches!(
                seen.fact.outcome,
                PageTestOutcome::Passed | PageTestOutcome::NotRun { .. }
            )
        });
        let moved = self
            .page
            .is_some_and(|page| page.fact.slept || page.fact.network_changed);
        let cut = !moved && self.sockets.iter().any(|seen| seen.fact.end.is_cut());
        proven && !failed && !tests_failed && !cut
    }

    /// Whether the page told of its attempts or tests.
    pub(super) fn page_speaks(&self) -> bool {
        !self.trials.is_empty()
    }

    /// Trials with an outcome of a kind, where they say something about the way: one alone does not while all else fails too.
    pub(super) fn failures(&self, wanted: impl Fn(Came) -> bool) -> Vec<&Trial> {
        let found: Vec<&Trial> = self
            .trials
            .iter()
            .filter(|trial| wanted(trial.came))
            .collect();
        if found.len() < 2 && self.unsteady {
            return Vec::new();
        }
        found
    }

    /// What worked close to a trial in time.
    pub(super) fn control(&self, trial: &Trial) -> Option<&Control> {
        self.controls
            .iter()
            .filter(|control| control.at_ms.abs_diff(trial.at_ms) <= NEAR_MS)
            .min_by_key(|control| control.at_ms.abs_diff(trial.at_ms))
    }

    /// Whether `WebSocket` is the browser's own, as far as the page says.
    pub(super) fn native(&self) -> bool {
        self.page.is_none_or(|page| page.fact.native_websocket)
    }
}

/// Whether bytes of messages went both ways.
pub(super) fn carried_both_ways(socket: &Attachment) -> bool {
    socket.attached && socket.bytes_up > 0 && socket.bytes_down > 0
}

/// Whether no byte came behind the handshake.
pub(super) fn heard_nothing(socket: &Attachment) -> bool {
    socket.bytes_up == 0 && socket.first_up_ms.is_none()
}

fn trials(evidence: &Evidence<'_>, quickest_ms: Option<u64>) -> Vec<Trial> {
    let patience_ms = PATIENCE_MS.max(2 * quickest_ms.unwrap_or_default());
    let attempts = evidence
        .attempts()
        .filter(|seen| seen.fact.transport.is_websocket())
        .map(|seen| Trial {
            id: seen.id,
            at_ms: evidence.at_ms(seen.id),
            what: "The page's WebSocket".into(),
            came: came_of_attempt(seen.fact, patience_ms),
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

fn came_of_attempt(attempt: &Attempt, patience_ms: u64) -> Came {
    if attempt.proven_ms.is_some() {
        return Came::Proven;
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
fn test_words(test: PageTestKind) -> Option<&'static str> {
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

fn controls(evidence: &Evidence<'_>) -> Vec<Control> {
    let attempts = evidence.attempts().filter_map(|seen| {
        let proven_ms = seen.fact.proven_ms?;
        (!seen.fact.transport.is_websocket()).then(|| Control {
            id: seen.id,
            at_ms: evidence.at_ms(seen.id),
            what: format!(
                "At the same time the transport `{}` to the same host worked, after {}.",
                seen.fact.transport,
                duration(proven_ms)
            ),
            took_ms: Some(proven_ms),
        })
    });
    let tests = evidence.page_tests().filter_map(|seen| {
        let ordinary = matches!(seen.fact.test, PageTestKind::Fetch)
            && seen.fact.outcome == PageTestOutcome::Passed;
        ordinary.then(|| Control {
            id: seen.id,
            at_ms: evidence.at_ms(seen.id),
            what: format!(
                "An ordinary request from the same browser to the same host was answered within {}.",
                duration(seen.fact.elapsed_ms)
            ),
            took_ms: Some(seen.fact.elapsed_ms),
        })
    });
    let attached = evidence.attachments().filter_map(|seen| {
        let other = !seen.fact.transport.is_websocket() && seen.fact.attached && seen.fact.used;
        other.then(|| Control {
            id: seen.id,
            at_ms: evidence.at_ms(seen.id),
            what: format!(
                "The session went on over the transport `{}`.",
                seen.fact.transport
            ),
            took_ms: None,
        })
    });
    attempts.chain(tests).chain(attached).collect()
}

/// Whether what is no WebSocket failed too: the network, or the gateway, was not there for a while.
fn unsteady(evidence: &Evidence<'_>) -> bool {
    let attempts = evidence.attempts().any(|seen| {
        !seen.fact.transport.is_websocket() && matches!(seen.fact.end, AttemptEnd::Failed { .. })
    });
    let tests = standing_tests(evidence).iter().any(|seen| {
        test_words(seen.fact.test).is_none()
            && matches!(
                seen.fact.outcome,
                PageTestOutcome::NotOpened { status: None, .. }
            )
    });
    attempts || tests
}

/// A control tells of a trial that is no further away than this. A race starts its next transport at once.
const NEAR_MS: u64 = 20_000;
/// The shortest wait after which an attempt that was given up counts as unanswered.
const PATIENCE_MS: u64 = 1_500;
