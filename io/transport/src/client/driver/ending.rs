//! The end of a session: by a close, by an outcome of the gateway, by giving up.
//!
//! The application is told once. Behind that the driver only acknowledges, for a short while.

use towpath_session::Outcome;
use towpath_session::body::End;

use super::Driver;
use crate::client::failure::Failure;
use crate::client::message::{Closed, Event};
use crate::client::report::Order;

/// How long the last acknowledgement may take.
const LINGER_MS: u64 = 2_000;

/// How a session ended, while the application still has to take what came before.
#[derive(Debug)]
pub(super) struct Verdict {
    code: u16,
    reason: String,
    outcome: Option<Outcome>,
}

impl Driver {
    /// Nothing more will come over any transport. The application first gets what has arrived.
    fn conclude(&mut self, code: u16, reason: &str, outcome: Option<Outcome>) {
        if self.verdict.is_some() || self.over_at.is_some() {
            return;
        }
        self.verdict = Some(Verdict {
            code,
            reason: reason.to_owned(),
            outcome,
        });
        self.closing = true;
        self.attachments.clear();
        self.in_use = None;
        self.shared.set_transport(None);
        self.stop_choosing();
    }

    /// No transport is looked for any more.
    pub(super) fn stop_choosing(&mut self) {
        self.lost_since = None;
        self.retry_at = None;
        self.choice.stop();
    }

    /// Everything that arrived has been taken.
    pub(super) fn all_taken(&mut self) {
        if let Some(verdict) = self.verdict.take() {
            self.over(verdict.code, &verdict.reason, verdict.outcome);
        }
    }

    /// The session is over, and the application is told.
    pub(super) fn over(&mut self, code: u16, reason: &str, outcome: Option<Outcome>) {
        if self.over_at.is_some() {
            return;
        }
        let now = self.now();
        self.over_at = Some(now + LINGER_MS);
        self.closing = true;
        self.stop_choosing();
        self.session.ack_now(now);
        let in_use = self.in_use;
        self.attachments
            .retain(|one| Some(one.generation) == in_use);
        if in_use.is_none() {
            self.over_at = Some(now);
        }
        self.shared.set_transport(None);
        let unacknowledged = self.outbound.take();
        self.tell(Event::Closed(Closed {
            code,
            reason: reason.to_owned(),
            outcome: outcome.map(|outcome| outcome.name().to_owned()),
            unacknowledged,
        }));
    }

    /// The gateway said `end` on an attachment.
    pub(super) fn told_end(&mut self, generation: u64, end: End, now: u64) {
        let Some(attachment) = self.attachment(generation) else {
            return;
        };
        let (proof, in_use) = (attachment.proof, self.in_use == Some(generation));
        // An attempt with an outdated secret is answered like a stranger's: that says nothing of this session.
        if !in_use && proof != self.proof.secret() {
            self.ended(generation, &Failure::Superseded(self.generation), now);
            return;
        }
        let outcome = end.outcome.unwrap_or(Outcome::ContinuityLost);
        self.conclude(outcome.close_code(), outcome.name(), Some(outcome));
    }

    /// Another client holds the newest secret of this session.
    pub(super) fn taken_over(&mut self) {
        let outcome = Outcome::ContinuityLost;
        self.conclude(outcome.close_code(), "taken over", Some(outcome));
    }

    /// The gateway broke the protocol.
    pub(super) fn fault(&mut self, fault: towpath_session::Fault) {
        let outcome = fault.outcome();
        self.conclude(outcome.close_code(), &fault.to_string(), Some(outcome));
    }

    /// When no transport has worked for so long that the session cannot be there any more.
    pub(super) fn gives_up_at(&self) -> Option<u64> {
        Some(self.lost_since?.saturating_add(self.terms.resume))
    }

    pub(super) fn give_up_if_too_late(&mut self, now: u64) {
        if self.gives_up_at().is_some_and(|at| at <= now) {
            let outcome = Outcome::NoTransport;
            self.conclude(outcome.close_code(), outcome.name(), Some(outcome));
        }
    }

    /// Whether the application knows of the end and the gateway of what arrived.
    pub(super) fn is_finished(&mut self) -> bool {
        let Some(over_at) = self.over_at else {
            return false;
        };
        let now = self.now();
        self.say_goodbye(now);
        self.waiting.is_empty() && (self.in_use.is_none() || over_at <= now)
    }

    /// Ends the transport in use cleanly, once everything is said.
    fn say_goodbye(&mut self, now: u64) {
        let is_said = !self.session.wants_to_transmit(now);
        let said_before = self.said_goodbye;
        let in_use = self.in_use;
        let attachment = in_use.and_then(|generation| self.attachment(generation));
        if let Some(attachment) = attachment
            && is_said
            && !said_before
            && attachment.in_flight == 0
        {
            attachment.running.order(Order::Finish);
            self.said_goodbye = true;
        }
    }
}
