//! How connections end in order, and when a server gives up a slow reader.

use super::socket::{closed, cut, silent};
use crate::evidence::Evidence;
use crate::observation::{Ending, Exercise};
use crate::rules::{Judgement, Rule, Support};

pub(super) const CLOSE_RACE: Rule = Rule {
    cause: "frame-close-race",
    explains: &[],
    judge: close_race,
};

pub(super) const SLOW_CONSUMER: Rule = Rule {
    cause: "frame-slow-consumer",
    explains: &[
        "unknown-below-app",
        "app-policy-1008",
        "app-restart-1012-1013",
        "app-private-code",
    ],
    judge: slow_consumer,
};

/// Context: what an orderly end without a full closing handshake looks like.
fn close_race(evidence: &Evidence<'_>) -> Judgement {
    let answered = |part: &crate::observation::Conversation| {
        super::socket::received(part, |kind| kind == crate::observation::MessageKind::Close)
    };
    let unfinished = evidence.conversations().find(|part| {
        part.fact.exercise == Exercise::Close
            && !answered(part.fact)
            && (cut(part.fact) || silent(part.fact))
    });
    unfinished
        .map(|part| {
            Support::certain(
                "The server ends the connection without answering the closing handshake; applications may see 1006 although nothing is lost.",
                part.shows(if cut(part.fact) {
                    "After our close frame the connection ended without one from the server."
                } else {
                    "Our close frame was not answered."
                }),
            )
        })
        .into()
}

fn slow_consumer(evidence: &Evidence<'_>) -> Judgement {
    let speaks_of_it = |code: Option<u16>, reason: &str| {
        let lower = reason.to_ascii_lowercase();
        let names = [
            "slow consumer",
            "slow client",
            "too slow",
            "backpressure",
            "back pressure",
            "send queue",
            "send buffer",
            "lagging",
        ];
        names.iter().any(|name| lower.contains(name)) || (code == Some(3008) && lower == "slow")
    };
    let told = evidence.conversations().find_map(|part| {
        let (code, reason) = closed(part.fact)?;
        speaks_of_it(code, reason)
            .then(|| part.shows(format!("The server closed with \"{reason}\".")))
    });
    let told = told.or_else(|| {
        evidence
            .endurances()
            .find_map(|socket| match &socket.fact.ended {
                Some(Ending::Closed { code, reason }) if speaks_of_it(*code, reason) => {
                    Some(socket.shows(format!("The server closed with \"{reason}\".")))
                }
                _ => None,
            })
    });
    told.map(|shown| {
        Support::certain(
            "The server closed the connection because its messages were not taken off fast enough.",
            shown,
        )
        .weighing(60)
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::finding::Confidence;

    #[test]
    fn a_dropped_closing_handshake_is_context() {
        for end in [
            died(Exercise::Close, Ending::EndOfStream),
            mute(Exercise::Close),
        ] {
            let run = Run::new().talk(vec![listened(), good(Exercise::Ping), end]);
            run.expect_no_fault();
            assert_eq!(run.context(), ["frame-close-race"]);
        }
    }

    #[test]
    fn a_server_that_names_the_slow_reader_is_certain() {
        Run::echo()
            .talk(vec![
                listened(),
                good(Exercise::Ping),
                died(
                    Exercise::Burst { messages: 20 },
                    code(1008, "slow consumer"),
                ),
            ])
            .expect("frame-slow-consumer", Confidence::Certain);
    }
}
