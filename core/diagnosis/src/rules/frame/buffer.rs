//! Answers that come late and all at once, because a hop holds them back.

use super::socket::{Socket, fresh, phrase, silent, sockets, subject};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{Conversation, Exercise, MessageKind, Payload};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const BUFFERED: Rule = Rule {
    cause: "proxy-buffer",
    explains: &[
        "frame-ping-ignored",
        "proxy-101-mute",
        "app-overload",
        "frame-server-first-lost",
        "frame-binary-blocked",
        "frame-fragment",
        "app-subproto-generation",
    ],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Judgement {
    let sockets = sockets(evidence);
    if let Some(held_back) = sockets.iter().find_map(held_back) {
        return held_back.into();
    }
    let clumps: Vec<Seen<'_, Conversation>> = sockets
        .iter()
        .flat_map(|socket| &socket.parts)
        .filter(|part| clumped(part.fact).is_some())
        .copied()
        .collect();
    let Some(first) = clumps.first() else {
        return Judgement::nothing();
    };
    // One stall of the network looks the same once, and not twice.
    let steady = sockets.iter().any(|socket| {
        let trickle = |exercise: &Exercise| matches!(exercise, Exercise::Trickle { .. });
        socket
            .answered(trickle)
            .is_some_and(|part| part.id > first.id && clumped(part.fact).is_none())
    });
    if steady && clumps.len() == 1 {
        return Judgement::nothing();
    }
    let mut support = Support::likely(
        "Messages sent one after the other are answered all at once: a hop collects what comes back.",
        shows_clump(first),
    )
    .and_all(clumps.iter().skip(1).map(shows_clump))
    .weighing(60);
    if clumps.len() > 1 {
        support.confidence = Confidence::Certain;
    }
    let again = Exercise::Trickle {
        messages: 8,
        every_ms: 150,
    };
    Judgement::from(support).and_ask([fresh(first.fact, vec![Exercise::Listen, again])])
}

/// An answer that came after its exercise had been given up.
fn held_back(socket: &Socket<'_>) -> Option<Support> {
    let waiting = socket.parts.iter().find(|part| silent(part.fact))?;
    let late = socket
        .after(*waiting)
        .iter()
        .find(|part| flushed(part.fact))?;
    let when = match late.fact.exercise {
        Exercise::Close => "only when the connection was closed".to_owned(),
        ref exercise => format!("only with {}", phrase(exercise)),
    };
    Some(
        Support::certain(
            format!(
                "The answer to {} was held back on the way: it came {when}.",
                phrase(&waiting.fact.exercise)
            ),
            waiting.shows(format!(
                "{} was not answered within {}.",
                subject(&waiting.fact.exercise),
                duration(waiting.fact.elapsed_ms)
            )),
        )
        .and(late.shows(format!("The missing answer came {when}.")))
        .weighing(70),
    )
}

/// Whether a missing answer came in one piece with another frame: a slow server's answers come apart.
fn flushed(conversation: &Conversation) -> bool {
    let came: Vec<(u64, bool)> = conversation
        .events
        .iter()
        .filter_map(|event| match event.payload {
            Payload::Received { late, .. } => Some((event.at_ms, late)),
            _ => None,
        })
        .collect();
    came.iter().enumerate().any(|(at, (moment, late))| {
        let mut others = came.iter().enumerate().filter(|(other, _)| *other != at);
        *late && others.any(|(_, (other, _))| other.abs_diff(*moment) <= ONE_PIECE_MS)
    })
}

/// From the first sent to the first answer, and from the first answer to the last, in milliseconds.
fn clumped(conversation: &Conversation) -> Option<(u64, u64)> {
    let Exercise::Trickle { every_ms, .. } = conversation.exercise else {
        return None;
    };
    let times = |wanted: fn(&Payload) -> bool| -> Vec<u64> {
        conversation
            .events
            .iter()
            .filter(|event| wanted(&event.payload))
            .map(|event| event.at_ms)
            .collect()
    };
    let sent = times(|payload| {
        matches!(
            payload,
            Payload::Sent {
                kind: MessageKind::Text,
                ..
            }
        )
    });
    let came = times(|payload| {
        matches!(
            payload,
            Payload::Received {
                kind: MessageKind::Text | MessageKind::Binary,
                late: false,
                ..
            }
        )
    });
    let (first_sent, last_sent) = (*sent.first()?, *sent.last()?);
    let (first_came, last_came) = (*came.first()?, *came.last()?);
    let delay = first_came.saturating_sub(first_sent);
    let spread = last_came - first_came;
    let together = came.len() >= ANSWERS_MIN && spread * 3 <= last_sent - first_sent;
    let after_all = first_came + every_ms / 2 >= last_sent;
    (together && after_all && delay >= 2 * every_ms).then_some((delay, spread))
}

fn shows_clump(part: &Seen<'_, Conversation>) -> crate::finding::Evidence {
    let (delay, spread) = clumped(part.fact).unwrap_or_default();
    part.shows(format!(
        "Of {}, the first answer came after {} and all of them within {}.",
        phrase(&part.fact.exercise),
        duration(delay),
        duration(spread)
    ))
}

/// Frames this close together came in one piece, in milliseconds.
const ONE_PIECE_MS: u64 = 60;
/// Fewer answers than these may come together by chance.
const ANSWERS_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::observation::Outcome;

    fn trickle(answers: [u64; 5]) -> Conversation {
        let exercise = Exercise::Trickle {
            messages: 5,
            every_ms: 100,
        };
        let mut trickle = part(exercise, Outcome::Answered { after_ms: 900 });
        trickle.events = (0..5)
            .map(|n| frame_sent(n * 100, MessageKind::Text))
            .collect();
        trickle
            .events
            .extend(answers.map(|at| frame_received(at, MessageKind::Text)));
        trickle
    }

    #[test]
    fn answers_in_a_clump_are_likely_and_twice_certain() {
        let parts = || vec![listened(), trickle([850, 850, 851, 851, 852])];
        let run = Run::echo().talk(parts());
        run.expect("proxy-buffer", Confidence::Likely);
        let again = Exercise::Trickle {
            messages: 8,
            every_ms: 150,
        };
        assert!(run.asks(&[Exercise::Listen, again], &[]));
        run.talk(parts())
            .expect("proxy-buffer", Confidence::Certain);
    }

    #[test]
    fn one_stall_of_the_network_is_healthy() {
        Run::echo()
            .talk(vec![listened(), trickle([850, 850, 851, 851, 852])])
            .talk(vec![listened(), trickle([2, 101, 201, 302, 401])])
            .expect_no_fault();
    }

    #[test]
    fn steady_answers_over_a_long_way_are_healthy() {
        Run::echo()
            .talk(vec![listened(), trickle([600, 700, 800, 900, 1000])])
            .expect_no_fault();
    }

    #[test]
    fn an_answer_that_comes_when_the_connection_closes_is_certain() {
        let close = with(good(Exercise::Close), vec![late(1, MessageKind::Pong)]);
        Run::new()
            .talk(vec![listened(), mute(Exercise::Ping), close])
            .expect("proxy-buffer", Confidence::Certain);
    }

    #[test]
    fn an_answer_that_comes_with_much_data_is_certain() {
        let big = with(good(text(131_072)), vec![late(1, MessageKind::Text)]);
        Run::echo()
            .talk(vec![
                listened(),
                mute(Exercise::Ping),
                mute(text(32)),
                mute(Exercise::Close),
            ])
            .talk(vec![listened(), mute(text(32)), big])
            .expect("proxy-buffer", Confidence::Certain);
    }
}
