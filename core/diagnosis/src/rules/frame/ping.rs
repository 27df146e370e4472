//! Pings without pongs while the rest of the connection works.

use super::socket::{answered, carries_data, ending, received, silent, sockets};
use crate::evidence::Evidence;
use crate::finding::Confidence;
use crate::observation::{Ending, Exercise, MessageKind};
use crate::rules::{Judgement, Rule, Support};

pub(super) const PING: Rule = Rule {
    cause: "frame-ping-ignored",
    explains: &[
        "unknown-below-app",
        "app-error-1011",
        "time-idle",
        "time-max-life",
    ],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Judgement {
    if let Some(support) = missed_by_server(evidence) {
        return support.into();
    }
    let sockets = sockets(evidence);
    let ping_answered = sockets.iter().any(|socket| {
        socket.same_way()
            && socket
                .answered(|exercise| *exercise == Exercise::Ping)
                .is_some()
    });
    let lost = sockets.iter().find_map(|socket| {
        let ping = socket
            .parts
            .iter()
            .find(|part| part.fact.exercise == Exercise::Ping && silent(part.fact))?;
        let pong = socket
            .parts
            .iter()
            .any(|part| received(part.fact, |kind| kind == MessageKind::Pong));
        (!pong).then_some((socket, *ping))
    });
    let Some((socket, ping)) = lost.filter(|_| !ping_answered) else {
        return Judgement::nothing();
    };
    let data = socket
        .parts
        .iter()
        .find(|part| carries_data(&part.fact.exercise) && answered(part.fact));
    let other = socket
        .parts
        .iter()
        .find(|part| received(part.fact, |kind| kind != MessageKind::Pong));
    let (confidence, working) = match (data, other) {
        (Some(data), _) => (Confidence::Certain, data),
        (None, Some(other)) => (Confidence::Likely, other),
        (None, None) => return Judgement::nothing(),
    };
    Support::new(
        confidence,
        "Messages get through, but a ping gets no pong: it is not answered, or does not arrive.",
        ping.shows("A ping was not answered."),
    )
    .and(working.shows("Frames from the server arrive on the same socket."))
    .weighing(55)
    .into()
}

/// The server ends the connection because it saw no pong, although each of its pings was answered.
fn missed_by_server(evidence: &Evidence<'_>) -> Option<Support> {
    let complaint = |ending: &Ending| match ending {
        Ending::Closed { code, reason } => {
            let lower = reason.to_ascii_lowercase();
            let words = [
                "ping timeout",
                "pong timeout",
                "no pong",
                "pong not received",
                "keepalive",
            ];
            (words.iter().any(|word| lower.contains(word)) || *code == Some(3012)).then(|| {
                format!(
                    "The server closed with {} \"{reason}\".",
                    code.unwrap_or(1005)
                )
            })
        }
        _ => None,
    };
    let shown = evidence
        .conversations()
        .find_map(|part| {
            ending(part.fact)
                .and_then(complaint)
                .map(|said| part.shows(said))
        })
        .or_else(|| {
            evidence.endurances().find_map(|socket| {
                let said = socket.fact.ended.as_ref().and_then(complaint)?;
                Some(socket.shows(said))
            })
        })?;
    Some(
        Support::certain(
            "The server misses the answers to its pings; this program answers every ping that arrives, so pings or pongs are lost on the way.",
            shown,
        )
        .weighing(60),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::observation::Traffic;

    #[test]
    fn data_that_flows_beside_a_lost_ping_is_certain() {
        Run::echo()
            .talk(vec![
                listened(),
                mute(Exercise::Ping),
                good(text(32)),
                good(Exercise::Close),
            ])
            .expect("frame-ping-ignored", Confidence::Certain);
    }

    #[test]
    fn anything_else_from_the_server_is_likely() {
        Run::new()
            .talk(vec![
                listened(),
                mute(Exercise::Ping),
                good(Exercise::Close),
            ])
            .expect("frame-ping-ignored", Confidence::Likely);
    }

    #[test]
    fn a_server_that_misses_pongs_is_certain() {
        Run::new()
            .talk(vec![
                listened(),
                good(Exercise::Ping),
                good(Exercise::Close),
            ])
            .endure(lived(
                Traffic::Silent,
                0,
                4_000,
                Some(code(1011, "keepalive ping timeout")),
            ))
            .expect("frame-ping-ignored", Confidence::Certain);
    }

    #[test]
    fn a_pong_after_two_seconds_is_healthy() {
        let mut slow = good(Exercise::Ping);
        slow.elapsed_ms = 2_000;
        Run::new()
            .talk(vec![listened(), slow, good(Exercise::Close)])
            .expect_no_fault();
    }
}
