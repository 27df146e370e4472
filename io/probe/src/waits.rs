//! How long each question may wait, from what was already seen of this target.
//!
//! The first attempt of each kind is given all the time a slow network may need. The variations that
//! follow wait a few times as long as an answer took so far, since a ladder of full waits would keep a
//! reader for minutes. It must never make a wait longer than the user's own limit.

use std::time::Duration;

use towpath_diagnosis::observation::{
    ConnectionOutcome, Fact, HandshakeOutcome, TlsOutcome, TlsVariation,
};
use towpath_diagnosis::question::Question;
use towpath_net::Limits;

/// The slowest answers so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waits {
    connect: Duration,
    tls: Duration,
    head: Duration,
}

impl Waits {
    /// The limits for a question.
    pub(crate) fn limits_for(&self, question: &Question, patient: &Limits) -> Limits {
        if is_first_of_its_kind(question) {
            return patient.clone();
        }
        Limits {
            connect: patient.connect.min(CONNECT_MIN.max(self.connect * FACTOR)),
            tls: patient.tls.min(TLS_MIN.max(self.tls * FACTOR)),
            head: patient.head.min(HEAD_MIN.max(self.head * FACTOR)),
            ..patient.clone()
        }
    }

    /// Learns from what was seen.
    pub(crate) fn learn(&mut self, facts: &[Fact]) {
        for fact in facts {
            match fact {
                Fact::Connection(seen) if seen.outcome == ConnectionOutcome::Connected => {
                    raise(&mut self.connect, seen.elapsed_ms);
                }
                Fact::Tls(seen) if matches!(seen.outcome, TlsOutcome::Established(_)) => {
                    raise(&mut self.tls, seen.elapsed_ms);
                }
                Fact::Handshake(seen) if !matches!(seen.outcome, HandshakeOutcome::Failed(_)) => {
                    raise(&mut self.head, seen.elapsed_ms);
                }
                Fact::Exchange(seen) => raise(&mut self.head, seen.elapsed_ms),
                _ => {}
            }
        }
    }
}

fn raise(slowest: &mut Duration, elapsed_ms: u64) {
    *slowest = (*slowest).max(Duration::from_millis(elapsed_ms));
}

fn is_first_of_its_kind(question: &Question) -> bool {
    match question {
        Question::Tls(variation) => *variation == TlsVariation::Ordinary,
        Question::Handshake { changes } => changes.is_empty(),
        Question::ConnectPort { .. } => false,
        _ => true,
    }
}

/// How many times as long as the slowest answer so far a variation may take.
const FACTOR: u32 = 3;
/// What a variation may take however quick the first answers were.
const CONNECT_MIN: Duration = Duration::from_millis(1_500);
const TLS_MIN: Duration = Duration::from_millis(1_500);
const HEAD_MIN: Duration = Duration::from_millis(2_500);

#[cfg(test)]
mod tests {
    use towpath_diagnosis::observation::{
        Change, Handshake, RequestHead, Response, Route, Switched,
    };

    use super::*;

    fn answered(elapsed_ms: u64) -> Fact {
        Fact::Handshake(Handshake {
            changes: Vec::new(),
            request: RequestHead::default(),
            route: Route::default(),
            library: None,
            issuer: None,
            outcome: HandshakeOutcome::Switched(Box::new(Switched {
                response: Response::default(),
                deviations: Vec::new(),
                subprotocol: None,
                extensions: None,
            })),
            elapsed_ms,
        })
    }

    fn variation() -> Question {
        Question::Handshake {
            changes: vec![Change::Again { attempt: 1 }],
        }
    }

    #[test]
    fn the_first_handshake_has_all_the_time() {
        let first = Question::Handshake { changes: vec![] };
        let patient = Limits::default();
        assert_eq!(
            Waits::default().limits_for(&first, &patient).head,
            patient.head
        );
    }

    #[test]
    fn variations_wait_as_the_target_has_taught_and_never_longer_than_allowed() {
        let patient = Limits::default();
        let mut waits = Waits::default();
        assert_eq!(waits.limits_for(&variation(), &patient).head, HEAD_MIN);
        waits.learn(&[answered(1_500)]);
        assert_eq!(
            waits.limits_for(&variation(), &patient).head,
            Duration::from_millis(4_500)
        );
        waits.learn(&[answered(6_000)]);
        assert_eq!(waits.limits_for(&variation(), &patient).head, patient.head);
    }
}
