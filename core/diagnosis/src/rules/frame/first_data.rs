//! What a server sends right after the 101, and whether it arrives each time.

use super::socket::{Socket, received, sockets};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{Change, Conversation, Event, Exercise, MessageKind, Payload};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

pub(super) const FIRST_DATA: Rule = Rule {
    cause: "frame-server-first-lost",
    explains: &[],
    judge,
};

/// Compares sockets of one kind: on some the server speaks first, on others its first words are missing.
fn judge(evidence: &Evidence<'_>) -> Judgement {
    let sockets = sockets(evidence);
    let alive: Vec<&Socket<'_>> = sockets
        .iter()
        .filter(|socket| {
            socket
                .answered(|exercise| *exercise == Exercise::Ping)
                .is_some()
        })
        .collect();
    let lost = alive
        .iter()
        .find(|socket| socket.same_way() && is_quiet(socket));
    let Some(quiet) = lost.and_then(|socket| opening(socket)) else {
        return Judgement::nothing();
    };
    let elsewhere = alive.iter().find_map(|socket| {
        let way = socket.changes();
        let only_way = way == [Change::Direct] || way == [Change::Http2];
        greeting(socket).filter(|_| only_way)
    });
    let sometimes = alive
        .iter()
        .find_map(|socket| greeting(socket).filter(|_| socket.same_way()));
    let (confidence, heard, where_heard) = match (elsewhere, sometimes) {
        (Some(heard), _) => (Confidence::Certain, heard, "over another way"),
        (None, Some(heard)) => (Confidence::Likely, heard, "on another attempt"),
        (None, None) => return expected_in_vain(evidence, quiet),
    };
    Support::new(
        confidence,
        "The server speaks first, and what it says right after the handshake does not always arrive.",
        quiet.shows("Nothing came from the server after the handshake, though a ping was answered."),
    )
    .and(heard.shows(format!("The server spoke first {where_heard}.")))
    .into()
}

/// The user expects a message without having sent one, so it must be the server's first.
fn expected_in_vain(evidence: &Evidence<'_>, quiet: Seen<'_, Conversation>) -> Judgement {
    let target = evidence.target();
    let Some(expected) = target
        .expect
        .as_deref()
        .filter(|_| !target.send && !target.echo)
    else {
        return Judgement::nothing();
    };
    let came = evidence
        .conversations()
        .any(|part| part.fact.events.iter().any(|event| holds(event, expected)));
    if came {
        return Judgement::nothing();
    }
    let listen = vec![Exercise::Listen, Exercise::Ping];
    let mut ways = vec![];
    if target.proxy.is_some() {
        ways.push(vec![Change::Direct]);
    }
    ways.push(vec![Change::Again { attempt: 1 }]);
    let support = Support::possible(
        "The message that the server should send of its own accord did not come.",
        quiet.shows("A ping was answered, and the expected first message did not come."),
    )
    .untested("the same server over another way");
    Judgement::from(support).and_ask(ways.into_iter().map(|changes| Question::Talk {
        exercises: listen.clone(),
        changes,
    }))
}

fn holds(event: &Event, expected: &str) -> bool {
    matches!(&event.payload, Payload::Received { excerpt, .. } if excerpt.contains(expected))
}

/// The listening part that brought a message at once. A later one may be anything that happens on the server.
fn greeting<'a>(socket: &Socket<'a>) -> Option<Seen<'a, Conversation>> {
    opening(socket).filter(|part| {
        part.fact.events.iter().any(|event| {
            let is_data = matches!(
                event.payload,
                Payload::Received {
                    kind: MessageKind::Text | MessageKind::Binary,
                    ..
                }
            );
            is_data && event.at_ms <= AT_ONCE_MS
        })
    })
}

/// Whether the first part was spent listening and brought nothing at all.
fn is_quiet(socket: &Socket<'_>) -> bool {
    let data = |kind| matches!(kind, MessageKind::Text | MessageKind::Binary);
    opening(socket).is_some_and(|part| !received(part.fact, data))
}

/// The first part, where it was spent listening.
fn opening<'a>(socket: &Socket<'a>) -> Option<Seen<'a, Conversation>> {
    socket
        .parts
        .first()
        .filter(|part| part.fact.exercise == Exercise::Listen)
        .copied()
}

/// What comes this soon after the 101 is a greeting, in milliseconds.
const AT_ONCE_MS: u64 = 200;

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn greeted() -> Conversation {
        with(listened(), vec![text_received(1, "welcome")])
    }

    fn quiet() -> Vec<Conversation> {
        vec![listened(), good(Exercise::Ping)]
    }

    #[test]
    fn a_greeting_that_comes_only_past_the_proxy_is_certain() {
        Run::new()
            .talk(quiet())
            .talk(changed(
                &[Change::Direct],
                vec![greeted(), good(Exercise::Ping)],
            ))
            .expect("frame-server-first-lost", Confidence::Certain);
    }

    #[test]
    fn a_greeting_that_comes_sometimes_is_likely() {
        Run::new()
            .talk(quiet())
            .talk(vec![greeted(), good(Exercise::Ping)])
            .expect("frame-server-first-lost", Confidence::Likely);
    }

    #[test]
    fn an_expected_greeting_that_never_comes_is_possible() {
        let run = Run::with(|target| target.expect = Some("welcome".into())).talk(quiet());
        run.expect("frame-server-first-lost", Confidence::Possible);
        assert!(run.asks(
            &[Exercise::Listen, Exercise::Ping],
            &[Change::Again { attempt: 1 }]
        ));
    }

    #[test]
    fn a_greeting_that_comes_each_time_is_healthy() {
        Run::with(|target| target.expect = Some("welcome".into()))
            .talk(vec![greeted(), good(Exercise::Ping), good(Exercise::Close)])
            .talk(vec![greeted(), good(Exercise::Ping), good(Exercise::Close)])
            .expect_no_fault();
    }

    #[test]
    fn news_that_happen_to_come_later_are_no_greeting() {
        let news = with(listened(), vec![text_received(250, "tick")]);
        Run::new()
            .talk(quiet())
            .talk(vec![news, good(Exercise::Ping)])
            .expect_no_fault();
    }

    #[test]
    fn silence_from_a_server_that_waits_is_healthy() {
        Run::new().talk(quiet()).talk(quiet()).expect_no_fault();
    }
}
