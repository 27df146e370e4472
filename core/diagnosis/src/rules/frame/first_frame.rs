//! The connection that holds as long as nothing is sent and dies at the first client frame.

use super::socket::{Socket, cut, ended, ending, first_sent_ms, phrase, received, sockets};
use crate::evidence::{Evidence, Seen};
use crate::observation::{Change, Conversation, Exercise, Outcome};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const FIRST_FRAME: Rule = Rule {
    cause: "proxy-101-rst",
    explains: &["unknown-below-app", "proxy-101-mute"],
    judge,
};

/// A socket and what became of the first frame sent on it.
struct First<'a> {
    part: Seen<'a, Conversation>,
    /// Age of the socket when the frame was sent, in milliseconds.
    age_ms: u64,
    same_way: bool,
}

fn judge(evidence: &Evidence<'_>) -> Judgement {
    let sockets = sockets(evidence);
    let deaths: Vec<First<'_>> = sockets.iter().filter_map(death).collect();
    let Some(first) = deaths.iter().find(|death| death.same_way) else {
        return first_data(&sockets);
    };
    let survivors: Vec<First<'_>> = sockets.iter().filter_map(survival).collect();
    let (same, other): (Vec<_>, Vec<_>) = survivors.iter().partition(|socket| socket.same_way);
    let again = deaths.iter().find(|death| {
        death.same_way
            && death.part.id != first.part.id
            && (death.part.fact.exercise != first.part.fact.exercise
                || death.age_ms.abs_diff(first.age_ms) >= AGES_DIFFER_MS)
    });
    let mut support = Support::likely(
        format!(
            "The connection stayed open for {} while nothing was sent; then {} was sent and it {}.",
            duration(first.age_ms),
            phrase(&first.part.fact.exercise),
            ending(first.part.fact).map(ended).unwrap_or_default(),
        ),
        shows_death(first),
    );
    if let Some(survivor) = same.first() {
        support.confidence = crate::finding::Confidence::Possible;
        support = support.but(survivor.part.shows(format!(
            "On another socket {} did not end the connection.",
            phrase(&survivor.part.fact.exercise)
        )));
    } else if let Some(again) = again {
        support.confidence = crate::finding::Confidence::Certain;
        support = support.and(shows_death(again));
    }
    if let Some(survivor) = other.first() {
        if same.is_empty() {
            support.confidence = crate::finding::Confidence::Certain;
        }
        support = support.and(
            survivor
                .part
                .shows("Another way to the same server let the first frame pass."),
        );
    }
    Judgement::from(support.weighing(70)).and_ask(asks(evidence, first))
}

fn asks(evidence: &Evidence<'_>, first: &First<'_>) -> Vec<Question> {
    let mut asks = vec![Question::Talk {
        exercises: vec![Exercise::Listen, Exercise::Listen, Exercise::Pong],
        changes: first.part.fact.changes.clone(),
    }];
    if evidence.target().proxy.is_some() {
        asks.push(Question::Talk {
            exercises: vec![Exercise::Listen, Exercise::Ping],
            changes: vec![Change::Direct],
        });
    }
    asks
}

fn shows_death(death: &First<'_>) -> crate::finding::Evidence {
    death.part.shows(format!(
        "The first client frame, {}, was sent after {} and the connection {} without an answer.",
        phrase(&death.part.fact.exercise),
        duration(death.age_ms),
        ending(death.part.fact).map(ended).unwrap_or_default(),
    ))
}

/// Control frames pass and the first message of the application ends the connection without a word.
fn first_data(sockets: &[Socket<'_>]) -> Judgement {
    let died = sockets
        .iter()
        .filter(|socket| socket.same_way())
        .find_map(|socket| {
            let part = socket.parts.iter().find(|part| {
                super::socket::carries_data(&part.fact.exercise)
                    && first_sent_ms(part.fact).is_some()
            })?;
            let control = socket.answered(|exercise| *exercise == Exercise::Ping)?;
            (died_at_once(part.fact) && control.id < part.id).then_some((*part, control))
        });
    let Some((part, control)) = died else {
        return Judgement::nothing();
    };
    let support = Support::possible(
        format!(
            "The connection was cut without a close frame when {} was sent, although a ping had been answered.",
            phrase(&part.fact.exercise)
        ),
        part.shows("The first message of the application ended the connection."),
    )
    .but(control.shows("A ping, also a client frame, was answered."))
    .weighing(30);
    Judgement::from(support).and_ask([super::socket::alone(part.fact)])
}

fn first_sent<'a>(socket: &Socket<'a>) -> Option<First<'a>> {
    let part = *socket
        .parts
        .iter()
        .find(|part| first_sent_ms(part.fact).is_some())?;
    Some(First {
        part,
        age_ms: part.fact.open_before_ms + first_sent_ms(part.fact)?,
        same_way: socket.same_way(),
    })
}

fn death<'a>(socket: &Socket<'a>) -> Option<First<'a>> {
    let first = first_sent(socket)?;
    let held = first.age_ms >= HELD_MS_MIN;
    (held && first.part.fact.exercise != Exercise::Close && died_at_once(first.part.fact))
        .then_some(first)
}

fn survival<'a>(socket: &Socket<'a>) -> Option<First<'a>> {
    let first = first_sent(socket)?;
    matches!(first.part.fact.outcome, Outcome::Answered { .. }).then_some(first)
}

fn died_at_once(conversation: &Conversation) -> bool {
    let sent = first_sent_ms(conversation).unwrap_or(conversation.elapsed_ms);
    cut(conversation)
        && conversation.elapsed_ms.saturating_sub(sent) <= AT_ONCE_MS
        && !received(conversation, |_| true)
}

/// How soon after the frame the end must come to be its consequence, in milliseconds.
const AT_ONCE_MS: u64 = 1_500;
/// How long silence must have been held before, in milliseconds.
const HELD_MS_MIN: u64 = 150;
/// Two ages of a socket that are no coincidence of one timer, in milliseconds.
const AGES_DIFFER_MS: u64 = 150;

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::finding::Confidence;
    use crate::observation::{Change, Ending, Exercise};

    fn base() -> Run {
        Run::new().talk(vec![listened(), died(Exercise::Ping, Ending::Reset)])
    }

    #[test]
    fn one_death_is_likely_and_asks_for_another_frame_at_another_age() {
        let run = base();
        run.expect("proxy-101-rst", Confidence::Likely);
        assert!(run.asks(&[Exercise::Listen, Exercise::Listen, Exercise::Pong], &[]));
    }

    #[test]
    fn any_frame_at_any_age_makes_it_certain() {
        base()
            .talk(vec![
                listened(),
                listened(),
                died(Exercise::Pong, Ending::EndOfStream),
            ])
            .expect("proxy-101-rst", Confidence::Certain);
    }

    #[test]
    fn a_way_past_the_proxy_that_works_makes_it_certain() {
        base()
            .talk(changed(
                &[Change::Direct],
                vec![listened(), good(Exercise::Ping)],
            ))
            .expect("proxy-101-rst", Confidence::Certain);
    }

    #[test]
    fn a_frame_that_survives_speaks_against_it() {
        let run = base().talk(vec![listened(), listened(), good(Exercise::Pong)]);
        assert_eq!(run.top().unwrap().1, Confidence::Possible);
    }

    #[test]
    fn a_close_frame_in_answer_is_something_else() {
        let run = Run::new().talk(vec![listened(), died(Exercise::Ping, code(1011, ""))]);
        assert!(run.top().is_none_or(|(cause, _)| cause != "proxy-101-rst"));
    }
}
