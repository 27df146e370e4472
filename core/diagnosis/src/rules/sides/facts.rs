//! What both sides' facts come to, looked up once for all rules of this folder. Nothing here names a cause.

use super::control::{Control, controls};
use super::standing::standing_tests;
use super::trial::{Came, Trial, test_words, trials};
use crate::evidence::{Evidence, Seen};
use crate::observation::{Arrival, Attachment, AttemptEnd, Page, PageTestOutcome};

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
        let quickest = controls.iter().map(|control| control.took_ms).min();
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

    /// What worked at the time of a trial.
    pub(super) fn control(&self, trial: &Trial) -> Option<&Control> {
        self.controls
            .iter()
            .find(|control| control.covers(trial.at_ms))
    }

    /// Whether `WebSocket` is the browser's own, as far as the page says.
    pub(super) fn native(&self) -> bool {
        self.page.is_none_or(|page| page.fact.native_websocket)
    }
}

/// Whether something went both ways behind what opens a transport.
pub(super) fn carried_both_ways(socket: &Attachment) -> bool {
    let up = socket.bytes_up > 0 || socket.messages_up.is_some_and(|count| count > 0);
    socket.attached && up && socket.bytes_down > 0
}

/// Whether nothing came behind the handshake, not even what attaches.
pub(super) fn heard_nothing(socket: &Attachment) -> bool {
    !socket.attached && socket.bytes_up == 0 && socket.first_up_ms.is_none()
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
