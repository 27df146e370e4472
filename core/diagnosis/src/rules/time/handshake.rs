//! A handshake that is answered only after a wait that many clients do not grant.

use crate::evidence::{Evidence, opened};
use crate::finding::Confidence;
use crate::observation::{Change, ConnectionOutcome, ControlPath};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const HANDSHAKE_SLOW: Rule = Rule {
    cause: "time-handshake-slow",
    explains: &["app-overload"],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Judgement {
    let Some(first) = evidence
        .first_handshake()
        .filter(|seen| opened(seen).is_some() && seen.fact.elapsed_ms >= SLOW_MS)
    else {
        return Judgement::nothing();
    };
    let slow = first.fact.elapsed_ms;
    let connect = evidence
        .connections()
        .filter(|seen| seen.fact.outcome == ConnectionOutcome::Connected)
        .min_by_key(|seen| seen.fact.elapsed_ms);
    if connect.is_some_and(|seen| seen.fact.elapsed_ms * 4 > slow) {
        return Judgement::nothing();
    }
    let mut support = Support::likely(
        format!(
            "The server takes {} to answer the handshake; browsers and libraries often give up sooner.",
            duration(slow)
        ),
        first.shows(format!(
            "The 101 came {} after the request.",
            duration(slow)
        )),
    );
    if let Some(connect) = connect {
        support = support.and(connect.shows(format!(
            "The TCP connection took {}.",
            duration(connect.fact.elapsed_ms)
        )));
    }
    let again = evidence.repetitions().find(|seen| opened(seen).is_some());
    let control = evidence
        .exchanges()
        .find(|seen| seen.fact.path == ControlPath::Same && seen.fact.elapsed_ms * 4 <= slow);
    match again {
        Some(again) if again.fact.elapsed_ms >= SLOW_MS => {
            support = support.and(again.shows(format!(
                "The same handshake again took {}.",
                duration(again.fact.elapsed_ms)
            )));
            if let Some(control) = control {
                support.confidence = Confidence::Certain;
                support = support.and(control.shows(format!(
                    "An ordinary request to the same path took {}.",
                    duration(control.fact.elapsed_ms)
                )));
            }
        }
        // A server that had to wake up first is no slow one.
        Some(_) => return Judgement::nothing(),
        None => {}
    }
    Judgement::from(support).and_ask([
        Question::Handshake {
            changes: vec![Change::Again { attempt: 1 }],
        },
        Question::Control {
            path: ControlPath::Same,
            plain: false,
        },
    ])
}

/// The wait that the more impatient clients grant, in milliseconds.
const SLOW_MS: u64 = 3_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{
        Fact, Handshake, HandshakeOutcome, RequestHead, Response, Route, Switched,
    };
    use crate::rules::frame::testing::Run;

    fn handshake(changes: Vec<Change>, elapsed_ms: u64) -> Fact {
        Fact::Handshake(Handshake {
            changes,
            request: RequestHead::default(),
            route: Route::default(),
            library: None,
            issuer: None,
            outcome: HandshakeOutcome::Switched(Box::new(Switched {
                response: Response::default(),
                deviations: vec![],
                subprotocol: None,
                extensions: None,
            })),
            elapsed_ms,
        })
    }

    #[test]
    fn a_late_answer_is_likely_unless_the_next_one_is_quick() {
        let mut run = Run::new();
        run.add(handshake(vec![], 5_100));
        run.expect("time-handshake-slow", Confidence::Likely);
        run.add(handshake(vec![Change::Again { attempt: 1 }], 40));
        run.expect_no_fault();
    }

    #[test]
    fn an_answer_within_the_usual_wait_is_healthy() {
        let mut run = Run::new();
        run.add(handshake(vec![], 2_500));
        run.expect_no_fault();
    }
}
