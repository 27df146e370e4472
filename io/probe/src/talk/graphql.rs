//! The first words of GraphQL over WebSocket, alike in both generations of the protocol.
//!
//! `connection_init` goes, `connection_ack` or `connection_error` comes; keep-alives in between are no answer.

use std::time::Instant;

use serde_json::{Value, json};
use towpath_diagnosis::observation::{MessageKind, Outcome};

use super::exercise::{ANSWER, Waited, wait};
use super::payload::mask_key;
use super::wire::{Incoming, Wire};

/// Sends `connection_init`, with the token as payload where it belongs there.
pub(super) async fn init(wire: &mut Wire, token: Option<&str>) -> Outcome {
    let began = Instant::now();
    let message = message(token).to_string();
    if wire.compose(|connection, out| connection.send_text(&message, mask_key, out)) {
        wire.log.sent(MessageKind::Text, message.len());
    }
    wait(wire, began, ANSWER, |incoming| {
        let Incoming::Message(message) = incoming else {
            return Waited::Nothing;
        };
        let answer: Option<Value> = serde_json::from_slice(&message.payload).ok();
        match answer.as_ref().and_then(|answer| answer["type"].as_str()) {
            Some("connection_ack") => Waited::Answered,
            Some(kind @ ("connection_error" | "error")) => {
                Waited::Different(format!("the server answered {kind}"))
            }
            _ => Waited::Nothing,
        }
    })
    .await
}

/// A token that is an object is the payload itself; another goes under the names that servers look for.
fn message(token: Option<&str>) -> Value {
    let Some(token) = token else {
        return json!({"type": "connection_init", "payload": {}});
    };
    let payload = match serde_json::from_str::<Value>(token) {
        Ok(object @ Value::Object(_)) => object,
        _ => json!({"token": token, "Authorization": format!("Bearer {token}")}),
    };
    json!({"type": "connection_init", "payload": payload})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_in_as_it_is_or_under_its_names() {
        assert_eq!(message(None)["payload"], json!({}));
        assert_eq!(message(Some("a\"b"))["payload"]["token"], "a\"b");
        assert_eq!(
            message(Some(r#"{"key":"v"}"#))["payload"],
            json!({"key": "v"})
        );
    }
}
