//! The open connection on which nothing is relayed.

use super::socket::{Socket, carries_data, cut, ended, ending, received, silent, sockets, subject};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{Change, Conversation, Exercise, MessageKind, Outcome};
use crate::question::Question;
use crate::rules::tls::interception::interception;
use crate::rules::{Judgement, Rule, Support};

pub(super) const MUTE: Rule = Rule {
    cause: "proxy-101-mute",
    explains: &[
        "unknown-below-app",
        "frame-ping-ignored",
        "frame-server-first-lost",
        "app-subproto-generation",
    ],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Judgement {
    let sockets = sockets(evidence);
    let other_way = sockets.iter().find_map(|socket| {
        let heard = socket.heard();
        heard.filter(|_| !socket.same_way())
    });
    let judged = match sockets.iter().find(|socket| socket.same_way()) {
        None => return Judgement::nothing(),
        Some(socket) if ended_at_once(socket).is_some() => judge_end(evidence, &sockets),
        Some(socket) => judge_silence(evidence, socket),
    };
    let Some(mut support) = judged.support else {
        return judged;
    };
    if let Some(heard) = other_way {
        support.confidence = Confidence::Certain;
        support = support.and(heard.shows("The same server answers over another way."));
    }
    Judgement::from(support).and_ask(judged.ask)
}

/// Silence in answer to everything that every server, or this one by promise, answers.
fn judge_silence(evidence: &Evidence<'_>, socket: &Socket<'_>) -> Judgement {
    let due = |part: &&Seen<'_, Conversation>| {
        part.fact.exercise == Exercise::Ping || promised(evidence, &part.fact.exercise)
    };
    let mut unanswered = socket
        .parts
        .iter()
        .filter(due)
        .filter(|part| silent(part.fact));
    let Some(first) = unanswered.next() else {
        return Judgement::nothing();
    };
    if anything_answered(evidence, socket) {
        return judge_messages(evidence, socket);
    }
    let data = socket
        .parts
        .iter()
        .find(|part| promised(evidence, &part.fact.exercise) && silent(part.fact));
    let mut support = Support::likely(
        "The handshake was accepted, but nothing that is sent on the open connection is answered.",
        first.shows(format!(
            "{} was not answered.",
            subject(&first.fact.exercise)
        )),
    )
    .weighing(60);
    if let Some(data) = data.filter(|data| data.id != first.id) {
        support = support.and(data.shows(format!(
            "{} was not answered.",
            subject(&data.fact.exercise)
        )));
    }
    if let Some(close) = socket.parts.iter().find(|part| {
        part.fact.exercise == Exercise::Close
            && !received(part.fact, |kind| kind == MessageKind::Close)
    }) {
        support = support.and(close.shows("The closing handshake was not answered either."));
    }
    let server_first = socket
        .parts
        .iter()
        .find(|part| received(part.fact, |_| true));
    if let Some(heard) = server_first {
        if data.is_none() {
            return Judgement::nothing();
        }
        support = support.but(heard.shows("What the server sends of its own accord does arrive."));
    }
    let flush = flush_question(first.fact);
    if data.is_some() && (!evidence.target().echo || evidence.asked(&flush)) {
        support.confidence = Confidence::Certain;
    } else if data.is_none() {
        support = support
            .untested("a message that the server must answer (--send with --expect, or --echo)");
    }
    let mut asks = vec![];
    if evidence.target().echo && data.is_some() {
        asks.push(flush);
    }
    Judgement::from(support)
        .and_ask(asks)
        .and_ask(other_ways(evidence))
}

/// Control frames pass, and of the messages that this server by promise answers not one comes back: a hop that
/// reads messages may pass on the rest. A server that is mute by itself looks the same.
fn judge_messages(evidence: &Evidence<'_>, socket: &Socket<'_>) -> Judgement {
    // An unanswered greeting alone may be of the wrong generation.
    let due: Vec<_> = socket
        .parts
        .iter()
        .filter(|part| promised(evidence, &part.fact.exercise))
        .filter(|part| part.fact.exercise != Exercise::GraphqlInit)
        .collect();
    let Some(first) = due.first() else {
        return Judgement::nothing();
    };
    let Some(control) = socket.answered(|exercise| *exercise == Exercise::Ping) else {
        return Judgement::nothing();
    };
    let data = |kind| matches!(kind, MessageKind::Text | MessageKind::Binary);
    if due.iter().any(|part| !silent(part.fact))
        || socket.parts.iter().any(|part| received(part.fact, data))
    {
        return Judgement::nothing();
    }
    let through_a_reader = evidence.target().proxy.is_some() || interception(evidence).is_some();
    let support = Support::new(
        if through_a_reader {
            Confidence::Likely
        } else {
            Confidence::Possible
        },
        "The connection is open and answers pings, but no message that is sent on it is answered.",
        first.shows(format!(
            "{} was not answered.",
            subject(&first.fact.exercise)
        )),
    )
    .and_all(due.iter().skip(1).map(|part| {
        part.shows(format!(
            "{} was not answered.",
            subject(&part.fact.exercise)
        ))
    }))
    .but(control.shows("A ping was answered."))
    .untested("Whether the messages reach the server: its log tells.")
    .weighing(50);
    let mut asks = vec![];
    if evidence.target().proxy.is_some() {
        asks.push(Question::Talk {
            exercises: vec![Exercise::Listen, first.fact.exercise.clone()],
            changes: vec![Change::Direct],
        });
    }
    if evidence.target().echo {
        asks.push(flush_question(first.fact));
    }
    Judgement::from(support).and_ask(asks)
}

/// Whether anything that was sent on this socket had an effect, right or wrong.
fn anything_answered(evidence: &Evidence<'_>, socket: &Socket<'_>) -> bool {
    let answered = socket.parts.iter().any(|part| {
        let due = part.fact.exercise == Exercise::Ping || promised(evidence, &part.fact.exercise);
        due && matches!(
            part.fact.outcome,
            Outcome::Answered { .. } | Outcome::Different { .. }
        )
    });
    let heard = socket
        .parts
        .iter()
        .any(|part| part.fact.exercise != Exercise::Listen && received(part.fact, |_| true));
    let breached = super::socket::breaches(evidence)
        .iter()
        .any(|breach| breach.part.fact.socket == socket.parts[0].fact.socket);
    answered || heard || breached
}

/// Much data at once, which would push out what a buffer on the way holds back.
fn flush_question(like: &Conversation) -> Question {
    super::socket::fresh(
        like,
        vec![
            Exercise::Listen,
            Exercise::Text { bytes: 32 },
            Exercise::Text { bytes: FLUSH_BYTES },
        ],
    )
}

fn judge_end(evidence: &Evidence<'_>, sockets: &[Socket<'_>]) -> Judgement {
    let ends: Vec<Seen<'_, Conversation>> = sockets
        .iter()
        .filter(|socket| socket.same_way())
        .filter_map(ended_at_once)
        .collect();
    let survived = sockets
        .iter()
        .any(|socket| socket.same_way() && ended_at_once(socket).is_none());
    let Some(first) = ends.first().filter(|_| !survived) else {
        return Judgement::nothing();
    };
    let confidence = if ends.len() > 1 {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let what = ending(first.fact).map(ended).unwrap_or_default();
    let support = Support::new(
        confidence,
        format!(
            "The handshake was accepted, and the connection {what} before a single frame passed."
        ),
        first.shows(format!(
            "The connection {what} right after the 101, nothing was sent or received."
        )),
    )
    .and_all(
        ends.iter()
            .skip(1)
            .map(|end| end.shows("A second attempt ended the same way.")),
    )
    .weighing(60);
    let again = Question::Talk {
        exercises: vec![Exercise::Listen, Exercise::Listen],
        changes: first.fact.changes.clone(),
    };
    Judgement::from(support)
        .and_ask([again])
        .and_ask(other_ways(evidence))
}

/// The part in which the socket ended with nothing said by either side.
fn ended_at_once<'a>(socket: &Socket<'a>) -> Option<Seen<'a, Conversation>> {
    let first = *socket.parts.first()?;
    let early = first.fact.exercise == Exercise::Listen && first.fact.elapsed_ms <= AT_ONCE_MS;
    (early && cut(first.fact) && first.fact.events.is_empty()).then_some(first)
}

/// Whether the target must answer this kind of message.
fn promised(evidence: &Evidence<'_>, exercise: &Exercise) -> bool {
    match exercise {
        Exercise::Send => evidence.target().expect.is_some(),
        exercise => carries_data(exercise),
    }
}

fn other_ways(evidence: &Evidence<'_>) -> Vec<Question> {
    let mut ways = vec![];
    if evidence.target().proxy.is_some() {
        ways.push(vec![Change::Direct]);
    }
    let by_http2 = [Change::Http2];
    if evidence
        .handshake(&by_http2)
        .is_some_and(|seen| crate::evidence::opened(&seen).is_some())
    {
        ways.push(by_http2.to_vec());
    }
    let exercises = vec![Exercise::Listen, Exercise::Ping];
    ways.into_iter()
        .map(|changes| Question::Talk {
            exercises: exercises.clone(),
            changes,
        })
        .collect()
}

/// More than buffers on the way usually hold, in bytes.
const FLUSH_BYTES: u64 = 131_072;
/// An end this soon after the 101 belongs to it, in milliseconds.
const AT_ONCE_MS: u64 = 1_500;

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::observation::Ending;

    #[test]
    fn an_unanswered_ping_alone_is_likely() {
        Run::new()
            .talk(vec![
                listened(),
                mute(Exercise::Ping),
                mute(Exercise::Close),
            ])
            .expect("proxy-101-mute", Confidence::Likely);
    }

    #[test]
    fn an_expected_answer_that_stays_away_too_makes_it_certain() {
        Run::with(|target| {
            target.send = true;
            target.expect = Some("hello".into());
        })
        .talk(vec![
            listened(),
            mute(Exercise::Ping),
            mute(Exercise::Send),
            mute(Exercise::Close),
        ])
        .expect("proxy-101-mute", Confidence::Certain);
    }

    #[test]
    fn an_echo_is_certain_only_after_much_data_did_not_come_through_either() {
        let parts = || {
            vec![
                listened(),
                mute(Exercise::Ping),
                mute(text(32)),
                mute(Exercise::Close),
            ]
        };
        let mut run = Run::echo().talk(parts());
        run.expect("proxy-101-mute", Confidence::Likely);
        let flush = [Exercise::Listen, text(32), text(131_072)];
        assert!(run.asks(&flush, &[]));
        run = run.talk(vec![listened(), mute(text(32)), mute(text(131_072))]);
        let question = Question::Talk {
            exercises: flush.to_vec(),
            changes: vec![],
        };
        run.answer(
            question,
            crate::observation::Fact::Conversation({
                let mut part = mute(text(131_072));
                part.socket = 3;
                part
            }),
        );
        run.expect("proxy-101-mute", Confidence::Certain);
    }

    #[test]
    fn another_way_that_answers_makes_it_certain() {
        Run::new()
            .talk(vec![listened(), mute(Exercise::Ping)])
            .talk(changed(
                &[Change::Http2],
                vec![listened(), good(Exercise::Ping)],
            ))
            .expect("proxy-101-mute", Confidence::Certain);
    }

    #[test]
    fn an_end_right_after_the_101_counts_when_it_repeats() {
        let end = || vec![died(Exercise::Listen, Ending::EndOfStream)];
        let run = Run::new().talk(end());
        run.expect("proxy-101-mute", Confidence::Possible);
        assert!(run.asks(&[Exercise::Listen, Exercise::Listen], &[]));
        run.talk(end()).expect("proxy-101-mute", Confidence::Likely);
    }

    #[test]
    fn a_close_frame_in_the_end_shows_that_frames_pass() {
        let run = Run::new().talk(vec![
            listened(),
            mute(Exercise::Ping),
            good(Exercise::Close),
        ]);
        assert_ne!(run.top().unwrap().0, "proxy-101-mute");
    }

    #[test]
    fn messages_that_vanish_where_pings_pass_are_possible_and_through_a_proxy_likely() {
        let parts = || {
            vec![
                listened(),
                good(Exercise::Ping),
                mute(text(32)),
                good(Exercise::Close),
            ]
        };
        Run::echo()
            .talk(parts())
            .expect("proxy-101-mute", Confidence::Possible);
        Run::with(|target| {
            target.echo = true;
            target.proxy = Some("http://proxy.example:3128".into());
        })
        .talk(parts())
        .expect("proxy-101-mute", Confidence::Likely);
    }

    #[test]
    fn a_message_nobody_promised_to_answer_proves_nothing() {
        Run::with(|target| target.send = true)
            .talk(vec![
                listened(),
                good(Exercise::Ping),
                mute(Exercise::Send),
                good(Exercise::Close),
            ])
            .expect_no_fault();
    }
}
