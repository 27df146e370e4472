//! Writes the messages of a client. It must never write a message that belongs to the other generation.

use serde_json::{Map, Value, json};

use crate::generation::Generation;
use crate::limits::PING_PAYLOAD_BYTES_MAX;
use crate::operations::{Operation, OperationId};

pub(crate) fn init(payload: Option<&Value>) -> String {
    with_payload("connection_init", payload)
}

pub(crate) fn ping() -> String {
    with_payload("ping", None)
}

pub(crate) fn pong(payload: Option<Value>) -> String {
    let payload = payload.filter(|p| p.to_string().len() <= PING_PAYLOAD_BYTES_MAX);
    with_payload("pong", payload.as_ref())
}

pub(crate) fn terminate() -> String {
    with_payload("connection_terminate", None)
}

pub(crate) fn start(generation: Generation, id: OperationId, operation: &Operation) -> String {
    let mut payload = Map::new();
    if let Some(name) = &operation.name {
        payload.insert("operationName".to_owned(), json!(name));
    }
    payload.insert("query".to_owned(), json!(operation.query));
    payload.insert("variables".to_owned(), json!(operation.variables));
    json!({"id": id.to_string(), "type": generation.start(), "payload": payload}).to_string()
}

pub(crate) fn stop(generation: Generation, id: OperationId) -> String {
    json!({"id": id.to_string(), "type": generation.stop()}).to_string()
}

fn with_payload(kind: &str, payload: Option<&Value>) -> String {
    match payload {
        Some(payload) => json!({"type": kind, "payload": payload}).to_string(),
        None => json!({"type": kind}).to_string(),
    }
}
