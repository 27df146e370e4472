//! GraphQL over WebSocket: the two generations that do not understand each other.

use super::closing::{Meaning, closings};
use crate::evidence::{Evidence, Seen, opened};
use crate::finding::Confidence;
use crate::ladder::GRAPHQL_SUBPROTOCOLS;
use crate::observation::{Change, Conversation, Exercise};
use crate::question::Question;
use crate::rules::frame::socket::{silent, sockets};
use crate::rules::{Judgement, Rule, Support};

pub(super) const GENERATION: Rule = Rule {
    cause: "app-subproto-generation",
    explains: &["unknown-below-app", "http-subproto-none"],
    judge,
};

/// The handshake that offers the other generation alone, where the client offers one of the two and no more.
pub(in crate::rules) fn other_generation(evidence: &Evidence<'_>) -> Option<Question> {
    let [offered] = evidence.target().subprotocols.as_slice() else {
        return None;
    };
    GRAPHQL_SUBPROTOCOLS.contains(&offered.as_str()).then(|| {
        let other = GRAPHQL_SUBPROTOCOLS
            .into_iter()
            .find(|name| name != offered)
            .unwrap_or(GRAPHQL_SUBPROTOCOLS[0]);
        Question::Handshake {
            changes: vec![Change::Subprotocol { name: other.into() }],
        }
    })
}

/// The server chooses none of what the client offers, and the other generation at once.
fn chosen_at_the_handshake(evidence: &Evidence<'_>) -> Option<Judgement> {
    let first = evidence
        .switched()
        .filter(|seen| seen.fact.subprotocol.is_none())?;
    let Question::Handshake { changes } = other_generation(evidence)? else {
        return None;
    };
    let [Change::Subprotocol { name }] = changes.as_slice() else {
        return None;
    };
    let other = evidence
        .handshake(&changes)
        .and_then(|seen| opened(&seen))
        .filter(|seen| seen.fact.subprotocol.as_deref() == Some(name))?;
    let offered = &evidence.target().subprotocols[0];
    let support = Support::certain(
        format!("The client offers {offered}, and the server speaks {name}."),
        first.shows(format!(
            "Offered {offered}, the server chooses no subprotocol."
        )),
    )
    .and(other.shows(format!("Offered {name}, it chooses that.")))
    .weighing(65);
    Some(support.into())
}

fn judge(evidence: &Evidence<'_>) -> Judgement {
    if let Some(judgement) = chosen_at_the_handshake(evidence) {
        return judgement;
    }
    let refused = closings(evidence)
        .into_iter()
        .find(|closing| closing.meaning == Meaning::Subprotocol);
    let unanswered = unanswered_init(evidence);
    let Some(shown) = refused
        .as_ref()
        .map(super::closing::Closing::shows)
        .or_else(|| {
            unanswered.map(|part| {
                part.shows("connection_init was not acknowledged, though a ping was answered.")
            })
        })
    else {
        return Judgement::nothing();
    };
    let offered = evidence
        .target()
        .subprotocols
        .first()
        .map_or("no subprotocol", String::as_str);
    let accepted = sockets(evidence).into_iter().find_map(|socket| {
        let [Change::Subprotocol { name }] = socket.changes() else {
            return None;
        };
        let acknowledged = socket.answered(|exercise| *exercise == Exercise::GraphqlInit)?;
        Some((name.as_str(), acknowledged))
    });
    if let Some((name, acknowledged)) = accepted {
        return Support::certain(
            format!("The client offers {offered}, and the server speaks {name}."),
            shown,
        )
        .and(acknowledged.shows(format!(
            "With {name} alone, the first message is acknowledged."
        )))
        .weighing(65)
        .into();
    }
    let by_code = refused.is_some_and(|closing| closing.code == Some(4406));
    let support = Support::new(
        if by_code { Confidence::Certain } else { Confidence::Possible },
        format!("The server opens the connection and then does not accept the client's generation of GraphQL over WebSocket ({offered})."),
        shown,
    )
    .untested("Which subprotocol the server accepts.");
    let others = GRAPHQL_SUBPROTOCOLS
        .iter()
        .filter(|name| **name != offered)
        .map(|name| Question::Talk {
            exercises: vec![Exercise::GraphqlInit],
            changes: vec![Change::Subprotocol {
                name: (*name).to_owned(),
            }],
        });
    Judgement::from(support).and_ask(others)
}

fn unanswered_init<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Conversation>> {
    sockets(evidence)
        .iter()
        .filter(|socket| socket.same_way())
        .find_map(|socket| {
            let init = socket
                .parts
                .iter()
                .find(|part| part.fact.exercise == Exercise::GraphqlInit && silent(part.fact))?;
            socket
                .answered(|exercise| *exercise == Exercise::Ping)
                .map(|_| *init)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::frame::testing::*;

    fn offering(name: &str) -> Run {
        Run::with(|target| target.subprotocols = vec![name.into()])
    }

    fn old() -> Change {
        Change::Subprotocol {
            name: "graphql-ws".into(),
        }
    }

    #[test]
    fn an_early_protocol_error_is_settled_by_the_other_generation() {
        let run = offering("graphql-transport-ws")
            .talk(vec![died(Exercise::GraphqlInit, code(1002, ""))]);
        assert_eq!(run.top().unwrap().1, Confidence::Possible);
        assert!(run.asks(&[Exercise::GraphqlInit], &[old()]));
        run.talk(changed(&[old()], vec![good(Exercise::GraphqlInit)]))
            .expect("app-subproto-generation", Confidence::Certain);
    }

    #[test]
    fn an_unacknowledged_init_is_settled_too() {
        offering("graphql-transport-ws")
            .talk(vec![
                mute(Exercise::GraphqlInit),
                listened(),
                good(Exercise::Ping),
            ])
            .talk(changed(&[old()], vec![good(Exercise::GraphqlInit)]))
            .expect("app-subproto-generation", Confidence::Certain);
    }

    #[test]
    fn an_acknowledged_init_is_healthy() {
        offering("graphql-transport-ws")
            .talk(vec![
                good(Exercise::GraphqlInit),
                listened(),
                good(Exercise::Ping),
                good(Exercise::Close),
            ])
            .expect_no_fault();
    }
}
