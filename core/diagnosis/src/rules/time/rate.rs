//! Too many messages in too short a time.

use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{Conversation, Exercise, MessageKind, Payload};
use crate::rules::app::closing::{Meaning, closings};
use crate::rules::frame::socket::{
    Socket, answered, carries_data, closed, cut, ended, ending, fresh, phrase, sockets,
};
use crate::rules::{Judgement, Rule, Support};

pub(super) const MESSAGE_RATE: Rule = Rule {
    cause: "time-msg-rate",
    explains: &[
        "unknown-below-app",
        "proxy-101-rst",
        "frame-too-big",
        "app-policy-1008",
        "app-restart-1012-1013",
        "app-private-code",
    ],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Judgement {
    let said = closings(evidence)
        .into_iter()
        .find(|closing| closing.meaning == Meaning::Rate);
    if let Some(closing) = said {
        return Support::certain(
            "The server closes the connection because messages came too fast.",
            closing.shows(),
        )
        .weighing(60)
        .into();
    }
    let sockets = sockets(evidence);
    let Some(part) = sockets.iter().find_map(hurried) else {
        return Judgement::nothing();
    };
    let burst = Exercise::Burst { messages: BURST };
    let slow = Exercise::Trickle {
        messages: 4,
        every_ms: SLOW_MS,
    };
    let again = sockets.iter().find_map(|socket| {
        hurried(socket).filter(|other| other.id != part.id && is_burst(&other.fact.exercise))
    });
    let patient = sockets.iter().find_map(|socket| {
        socket.answered(|exercise| {
            matches!(exercise, Exercise::Trickle { every_ms, .. } if *every_ms >= SLOW_MS)
        })
    });
    let alone = sockets.iter().any(|socket| {
        let few = socket.parts.len() <= 2;
        few && socket
            .answered(|exercise| *exercise == part.fact.exercise)
            .is_some()
    });
    let confidence = match (again, patient) {
        (Some(_), Some(_)) => Confidence::Certain,
        _ if is_burst(&part.fact.exercise) || again.is_some() || alone => Confidence::Likely,
        _ => Confidence::Possible,
    };
    let how = ending(part.fact).map(ended).unwrap_or_default();
    let support = Support::new(
        confidence,
        "Messages in quick succession end the connection; the same messages one at a time are answered.",
        part.shows(format!("During {} the socket {how}.", phrase(&part.fact.exercise))),
    )
    .and_all(again.map(|again| again.shows("A burst of messages on a fresh socket ended it as well.")))
    .and_all(patient.map(|patient| patient.shows("Messages with pauses between them were all answered.")));
    let mut asks = vec![];
    if !is_burst(&part.fact.exercise) {
        asks.push(super::super::frame::socket::alone(part.fact));
    }
    asks.push(fresh(part.fact, vec![Exercise::Listen, burst]));
    asks.push(fresh(part.fact, vec![Exercise::Listen, slow]));
    Judgement::from(support).and_ask(asks)
}

/// A message after several others within a short time, at which the socket ended.
fn hurried<'a>(socket: &Socket<'a>) -> Option<Seen<'a, Conversation>> {
    let part = *socket.parts.iter().find(|part| {
        let told = matches!(
            closed(part.fact),
            Some((Some(1008 | 1013 | 4008 | 4029 | 4429), _))
        );
        let without_a_word = cut(part.fact) && is_burst(&part.fact.exercise);
        carries_data(&part.fact.exercise) && (told || without_a_word)
    })?;
    let before: usize = socket
        .before(part)
        .iter()
        .filter(|earlier| answered(earlier.fact))
        .map(|earlier| messages_sent(earlier.fact))
        .sum();
    (before + messages_sent(part.fact) >= MESSAGES_MIN).then_some(part)
}

fn messages_sent(conversation: &Conversation) -> usize {
    conversation
        .events
        .iter()
        .filter(|event| {
            matches!(
                event.payload,
                Payload::Sent {
                    kind: MessageKind::Text | MessageKind::Binary,
                    ..
                }
            )
        })
        .count()
}

fn is_burst(exercise: &Exercise) -> bool {
    matches!(exercise, Exercise::Burst { .. })
}

/// Messages of a burst.
const BURST: u32 = 20;
/// A beat that no sensible limit forbids, in milliseconds.
const SLOW_MS: u64 = 700;
/// Fewer messages than these are no hurry.
const MESSAGES_MIN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Ending;
    use crate::rules::frame::testing::*;

    fn burst(end: Ending) -> Conversation {
        let sent = (0..20).map(|_| frame_sent(0, MessageKind::Text)).collect();
        with(died(Exercise::Burst { messages: 20 }, end), sent)
    }

    fn base(end: Ending) -> Run {
        Run::echo().talk(vec![
            listened(),
            good(Exercise::Ping),
            good(text(32)),
            burst(end),
        ])
    }

    #[test]
    fn a_reason_that_names_the_rate_is_certain() {
        base(code(1008, "rate limit exceeded")).expect("time-msg-rate", Confidence::Certain);
    }

    #[test]
    fn a_burst_that_ends_and_patience_that_does_not_are_certain() {
        let run = base(code(1013, ""));
        let slow = Exercise::Trickle {
            messages: 4,
            every_ms: 700,
        };
        assert!(run.asks(&[Exercise::Listen, slow.clone()], &[]));
        run.talk(vec![listened(), burst(code(1013, ""))])
            .talk(vec![listened(), good(slow)])
            .expect("time-msg-rate", Confidence::Certain);
    }

    #[test]
    fn a_single_message_that_is_refused_is_no_rate() {
        let run = Run::echo().talk(vec![
            listened(),
            good(Exercise::Ping),
            died(text(32), code(1008, "")),
        ]);
        run.expect("app-policy-1008", Confidence::Certain);
    }
}
