//! Messages in several frames, which a peer or a hop cannot put together.

use super::socket::{
    alone, answered, breaches, came_late, closed, ended, ending, phrase, sockets, subject,
};
use crate::evidence::Evidence;
use crate::finding::Confidence;
use crate::observation::{Exercise, Outcome};
use crate::rules::{Judgement, Rule, Support};

pub(super) const FRAGMENT: Rule = Rule {
    cause: "frame-fragment",
    explains: &["unknown-below-app"],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Judgement {
    if let Some(support) = out_of_order(evidence) {
        return support.into();
    }
    let sockets = sockets(evidence);
    let is_fragmented = |exercise: &Exercise| matches!(exercise, Exercise::Fragmented { .. });
    let failed: Vec<_> = sockets
        .iter()
        .flat_map(|socket| socket.parts.iter().map(move |part| (socket, *part)))
        .filter(|(_, part)| is_fragmented(&part.fact.exercise) && failed(&part.fact.outcome))
        .collect();
    let Some((socket, part)) = failed.first().copied() else {
        return Judgement::nothing();
    };
    let whole = sockets
        .iter()
        .find_map(|other| other.answered(|exercise| matches!(exercise, Exercise::Text { .. })));
    let Some(whole) = whole else {
        return Judgement::nothing();
    };
    let refused = matches!(
        closed(part.fact),
        Some((Some(1002 | 1003 | 1007 | 1009 | 1011), _))
    );
    let late =
        socket.is_slow_before(part) || socket.after(part).iter().any(|later| came_late(later.fact));
    if late || (closed(part.fact).is_some() && !refused) {
        return Judgement::nothing();
    }
    let how = ending(part.fact).map_or_else(|| "gave no right answer".to_owned(), ended);
    let lives_on = socket
        .after(part)
        .iter()
        .find(|later| answered(later.fact) && matches!(later.fact.exercise, Exercise::Text { .. }));
    let mut support = Support::likely(
        format!(
            "A message in one frame is answered; {} was sent and the socket {how}.",
            phrase(&part.fact.exercise)
        ),
        part.shows(format!(
            "{} was sent and the socket {how}.",
            subject(&part.fact.exercise)
        )),
    )
    .and(whole.shows(format!(
        "{} in one frame was answered.",
        subject(&whole.fact.exercise)
    )))
    .weighing(55);
    if let Some(later) = lives_on {
        support = support.and(later.shows("Messages in one frame are answered again afterwards."));
    }
    support = support.and_all(
        failed
            .iter()
            .skip(1)
            .map(|(_, again)| again.shows("On another socket it fared the same.")),
    );
    let shown = lives_on.is_some() || failed.len() > 1 || (refused && !part.fact.compressed);
    if shown {
        support.confidence = Confidence::Certain;
    }
    Judgement::from(support).and_ask([alone(part.fact)])
}

/// Frames in an order that the protocol forbids.
fn out_of_order(evidence: &Evidence<'_>) -> Option<Support> {
    let breach = breaches(evidence).into_iter().find(|breach| {
        matches!(
            breach.name,
            "continuation-without-start" | "message-inside-message"
        )
    })?;
    Some(Support::certain(
        "The frames of a message in several parts arrive in an order that the protocol forbids.",
        breach.part.shows(format!(
            "At byte {} of the stream: {}.",
            breach.offset, breach.name
        )),
    ))
}

fn failed(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Silent { .. } | Outcome::Different { .. } | Outcome::Ended(_)
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::observation::{Conversation, Ending};

    const FRAGMENTS: Exercise = Exercise::Fragmented {
        bytes: 96,
        frames: 3,
    };

    fn talk(parts: Vec<Conversation>) -> Run {
        let mut all = vec![listened(), good(Exercise::Ping), good(text(32))];
        all.extend(parts);
        Run::echo().talk(all)
    }

    #[test]
    fn a_refusal_of_fragments_is_certain() {
        talk(vec![died(FRAGMENTS, code(1002, ""))]).expect("frame-fragment", Confidence::Certain);
    }

    #[test]
    fn fragments_that_vanish_are_certain_when_text_goes_on() {
        talk(vec![mute(FRAGMENTS), good(text(125))]).expect("frame-fragment", Confidence::Certain);
    }

    #[test]
    fn a_cut_at_fragments_is_asked_again() {
        let run = talk(vec![died(FRAGMENTS, Ending::Reset)]);
        run.expect("frame-fragment", Confidence::Likely);
        assert!(run.asks(&[Exercise::Listen, FRAGMENTS], &[]));
        run.talk(vec![listened(), died(FRAGMENTS, Ending::Reset)])
            .expect("frame-fragment", Confidence::Certain);
    }

    #[test]
    fn frames_out_of_order_are_certain() {
        let part = with(
            died(text(32), Ending::Deviated),
            vec![breach("continuation-without-start", 12, "")],
        );
        Run::echo()
            .talk(vec![listened(), part])
            .expect("frame-fragment", Confidence::Certain);
    }

    #[test]
    fn fragments_that_come_back_are_healthy() {
        talk(vec![good(FRAGMENTS), good(Exercise::Close)]).expect_no_fault();
    }
}
