//! Reads one message of a server. It must never fail: what cannot be read is a kind of message too.

use serde_json::{Map, Value};

use crate::generation::Generation;
use crate::operations::OperationId;

/// One message of a server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Received {
    Ack(Option<Value>),
    /// `connection_error` of the older generation.
    Refusal(Value),
    Next(Target, Value),
    Error(Target, Value),
    Complete(Target),
    Ping(Option<Value>),
    /// A sign of life without any content: `pong`, `ka`.
    Alive,
    Unknown,
    Unreadable,
}

/// The operation that a message is about. Servers write ids that were never given to them, and ids that are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Operation(OperationId),
    Other,
}

pub(crate) fn read(generation: Generation, text: &str) -> Received {
    let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
        return Received::Unreadable;
    };
    let Some(Value::String(kind)) = message.remove("type") else {
        return Received::Unreadable;
    };
    let target = target(&message);
    let payload = message.remove("payload");
    match (generation, kind.as_str()) {
        (_, "connection_ack") => Received::Ack(payload),
        (_, "complete") => Received::Complete(target),
        (_, "error") => Received::Error(target, payload.unwrap_or(Value::Null)),
        (Generation::TransportWs, "next") | (Generation::Legacy, "data") => {
            Received::Next(target, payload.unwrap_or(Value::Null))
        }
        (Generation::TransportWs, "ping") => Received::Ping(payload),
        (Generation::TransportWs, "pong") | (Generation::Legacy, "ka") => Received::Alive,
        (Generation::Legacy, "connection_error") => {
            Received::Refusal(payload.unwrap_or(Value::Null))
        }
        _ => Received::Unknown,
    }
}

fn target(message: &Map<String, Value>) -> Target {
    let number = match message.get("id") {
        // Only the text that we wrote ourselves is ours: "07" and "+7" are somebody else's ids.
        Some(Value::String(id)) => id.parse().ok().filter(|n: &u64| n.to_string() == *id),
        Some(Value::Number(id)) => id.as_u64(),
        _ => None,
    };
    number.map_or(Target::Other, |n| Target::Operation(OperationId(n)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_generation_has_its_own_words() {
        let check = |generation, text: &str, expect: Received| {
            assert_eq!(read(generation, text), expect, "{text}");
        };
        let one = Target::Operation(OperationId(1));
        let next = r#"{"type":"next","id":"1","payload":{"data":{}}}"#;
        let data = r#"{"type":"data","id":"1","payload":{"data":{}}}"#;
        let result = || Received::Next(one, json!({"data": {}}));
        check(Generation::TransportWs, next, result());
        check(Generation::TransportWs, data, Received::Unknown);
        check(Generation::Legacy, data, result());
        check(Generation::Legacy, next, Received::Unknown);
        check(Generation::Legacy, r#"{"type":"ka"}"#, Received::Alive);
        check(
            Generation::TransportWs,
            r#"{"type":"pong"}"#,
            Received::Alive,
        );
        check(Generation::Legacy, r#"{"type":"ping"}"#, Received::Unknown);
    }

    #[test]
    fn ids_of_every_type_are_borne() {
        let check = |id: Value, expect: Target| {
            let text = json!({"type": "complete", "id": id}).to_string();
            assert_eq!(
                read(Generation::TransportWs, &text),
                Received::Complete(expect),
                "{text}"
            );
        };
        check(json!("7"), Target::Operation(OperationId(7)));
        check(json!(7), Target::Operation(OperationId(7)));
        for id in [
            json!("07"),
            json!("+7"),
            json!("x"),
            json!({"a": 1}),
            json!(-7),
            json!(7.5),
            json!(null),
        ] {
            check(id, Target::Other);
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_to_be_so() {
        for text in [
            "",
            "[]",
            "7",
            "{}",
            r#"{"type":7}"#,
            "{\"type\":\"next\"",
            "\u{0}",
        ] {
            assert_eq!(
                read(Generation::TransportWs, text),
                Received::Unreadable,
                "{text}"
            );
        }
        let deep = format!("{{\"type\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(read(Generation::Legacy, &deep), Received::Unreadable);
    }
}
