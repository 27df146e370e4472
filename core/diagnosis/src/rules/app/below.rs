//! What remains when the application said nothing: a busy server, or a cut that nothing else explains.

use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{ConnectionOutcome, Conversation, Exercise, Outcome};
use crate::rules::frame::socket::{
    Socket, alone, came_late, cut, ended, ending, is_cut, phrase, sockets, subject,
};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const OVERLOAD: Rule = Rule {
    cause: "app-overload",
    explains: &[],
    judge: overload,
};

pub(super) const UNKNOWN: Rule = Rule {
    cause: "unknown-below-app",
    explains: &[],
    judge: unknown,
};

/// Answers that come, all of them late, while the network itself is quick.
fn overload(evidence: &Evidence<'_>) -> Judgement {
    let connect = evidence
        .connections()
        .filter(|seen| seen.fact.outcome == ConnectionOutcome::Connected)
        .min_by_key(|seen| seen.fact.elapsed_ms);
    let Some(connect) = connect.filter(|seen| seen.fact.elapsed_ms <= QUICK_MS) else {
        return Judgement::nothing();
    };
    // A hop near by may accept for a server far away: then the handshake is as late as all the rest,
    // and the way is slow rather than the server.
    let far_away = evidence
        .first_handshake()
        .is_some_and(|seen| seen.fact.elapsed_ms > LATE_MS / 2);
    if far_away {
        return Judgement::nothing();
    }
    let found = sockets(evidence).into_iter().find_map(|socket| {
        let ping = slow(&socket, |exercise| *exercise == Exercise::Ping)?;
        let text = slow(&socket, |exercise| {
            matches!(exercise, Exercise::Text { .. } | Exercise::Send)
        })?;
        Some((ping, text))
    });
    let Some((ping, text)) = found else {
        return Judgement::nothing();
    };
    Support::likely(
        "The server answers everything, but only after seconds, while the network is quick: it cannot keep up.",
        shows_slow(&text),
    )
    .and(shows_slow(&ping))
    .and(connect.shows(format!("The TCP connection took {}.", duration(connect.fact.elapsed_ms))))
    .into()
}

/// An exercise whose answer came late, in time or after it had been given up.
fn slow<'a>(
    socket: &Socket<'a>,
    wanted: impl Fn(&Exercise) -> bool,
) -> Option<Seen<'a, Conversation>> {
    let part = *socket
        .parts
        .iter()
        .find(|part| wanted(&part.fact.exercise))?;
    let is_slow = match part.fact.outcome {
        Outcome::Answered { after_ms } => after_ms >= LATE_MS,
        Outcome::Silent { .. } => socket.after(part).iter().any(|later| came_late(later.fact)),
        _ => false,
    };
    is_slow.then_some(part)
}

fn shows_slow(part: &Seen<'_, Conversation>) -> crate::finding::Evidence {
    let took = duration(part.fact.elapsed_ms);
    let what = subject(&part.fact.exercise);
    part.shows(match part.fact.outcome {
        Outcome::Answered { .. } => format!("{what} was answered after {took}."),
        _ => format!("{what} was answered only later than {took}."),
    })
}

/// The honest last resort: every rule that can explain a cut takes it away from this one.
fn unknown(evidence: &Evidence<'_>) -> Judgement {
    let cuts: Vec<Seen<'_, Conversation>> = sockets(evidence)
        .iter()
        .filter(|socket| socket.same_way())
        .flat_map(|socket| socket.parts.clone())
        .filter(|part| part.fact.exercise != Exercise::Close && cut(part.fact))
        .collect();
    if let Some(first) = cuts.first() {
        let how = ending(first.fact).map(ended).unwrap_or_default();
        let support = Support::new(
            Confidence::Possible,
            "The open connection was cut without a close frame, and nothing seen so far says by whom.",
            first.shows(format!("During {} the socket {how}.", phrase(&first.fact.exercise))),
        )
        .and_all(cuts.iter().skip(1).map(|again| again.shows("Another socket was cut too.")))
        .untested("The same from another network, which would tell a hop near you from the server's side.")
        .weighing(10);
        return Judgement::from(support).and_ask([alone(first.fact)]);
    }
    let endured = evidence
        .endurances()
        .find(|life| life.fact.ended.as_ref().is_some_and(is_cut));
    endured
        .map(|life| {
            Support::possible(
                "A connection was cut without a close frame while it was watched, and no pattern in time explains it.",
                life.shows(format!(
                    "The socket {} after {}.",
                    life.fact.ended.as_ref().map(ended).unwrap_or_default(),
                    duration(life.fact.lived_ms)
                )),
            )
            .weighing(10)
        })
        .into()
}

/// A TCP connection that takes no longer shows a quick network, in milliseconds.
const QUICK_MS: u64 = 400;
/// An answer that takes this long is late, in milliseconds.
const LATE_MS: u64 = 1_500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Connection, Ending, Fact, Handshake, RequestHead, Route};
    use crate::question::Question;
    use crate::rules::frame::testing::*;
    use crate::testing::switch;

    #[test]
    fn a_cut_in_the_middle_is_only_possible() {
        let run = Run::echo().talk(vec![
            listened(),
            good(Exercise::Ping),
            good(text(32)),
            good(text(126)),
            died(Exercise::Listen, Ending::Reset),
        ]);
        run.expect("unknown-below-app", Confidence::Possible);
    }

    #[test]
    fn late_answers_over_a_quick_network_are_overload() {
        late_answers_after_a_handshake_of(1).expect("app-overload", Confidence::Likely);
    }

    #[test]
    fn a_way_on_which_the_handshake_is_as_late_is_slow_and_not_the_server() {
        late_answers_after_a_handshake_of(1_700).expect_no_fault();
    }

    fn late_answers_after_a_handshake_of(handshake_ms: u64) -> Run {
        let late = |exercise| {
            let mut part = good(exercise);
            part.outcome = Outcome::Answered { after_ms: 2_000 };
            part.elapsed_ms = 2_000;
            part
        };
        let mut run = Run::echo();
        run.add(Fact::Connection(Connection {
            address: "127.0.0.1:80".parse().unwrap(),
            to_proxy: false,
            outcome: ConnectionOutcome::Connected,
            elapsed_ms: 1,
        }));
        run.answer(
            Question::Handshake { changes: vec![] },
            Fact::Handshake(Handshake {
                changes: vec![],
                request: RequestHead::default(),
                route: Route::default(),
                library: None,
                issuer: None,
                outcome: switch(None),
                elapsed_ms: handshake_ms,
            }),
        );
        run.talk(vec![
            listened(),
            late(Exercise::Ping),
            late(text(32)),
            good(Exercise::Close),
        ])
    }

    #[test]
    fn a_late_pong_alone_is_healthy() {
        let mut ping = good(Exercise::Ping);
        ping.outcome = Outcome::Answered { after_ms: 2_900 };
        Run::new()
            .talk(vec![listened(), ping, good(Exercise::Close)])
            .expect_no_fault();
    }
}
