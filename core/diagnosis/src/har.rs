//! Observations as an HTTP archive (HAR 1.2), which browsers' developer tools open.
//!
//! One entry per request that got as far as being sent. WebSockets are marked as Chromium marks them,
//! with their messages. Only observations are written, so nothing is in it that was removed before.

use serde_json::{Value, json};

use crate::observation::{
    Conversation, ExchangeOutcome, HandshakeOutcome, MessageKind, Payload, RequestHead, Response,
    Target,
};
use crate::{Fact, Observation};

pub mod time;
mod watched;

/// The archive of observations that began at a time, in milliseconds since 1970-01-01 UTC.
pub fn archive(observations: &[Observation], started_unix_ms: u64) -> Value {
    let target = observations.iter().find_map(|one| match &one.fact {
        Fact::Target(target) => Some(target),
        _ => None,
    });
    let origin = target.map_or(String::new(), origin);
    let entries: Vec<Value> = observations
        .iter()
        .enumerate()
        .filter_map(|(at, one)| {
            let talk = || conversations(&observations[at..]);
            entry(one, &origin, started_unix_ms, talk)
                .or_else(|| watched::entry(one, &origin, target, started_unix_ms))
        })
        .collect();
    json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "towpath", "version": env!("CARGO_PKG_VERSION") },
            "pages": [],
            "entries": entries,
        }
    })
}

/// Scheme and authority of what was checked.
fn origin(target: &Target) -> String {
    let end = target.url.find("://").map_or(0, |at| at + 3);
    let rest = &target.url[end..];
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    format!("{}{authority}", &target.url[..end])
}

/// The exercises on the socket that the first of these observations opened.
fn conversations(observations: &[Observation]) -> Vec<(u64, &Conversation)> {
    let answers = observations.first().and_then(|one| one.answers.as_ref());
    observations
        .iter()
        .skip(1)
        .take_while(|one| one.answers.as_ref() == answers)
        .filter_map(|one| match &one.fact {
            Fact::Conversation(seen) => Some((one.at_ms, seen)),
            _ => None,
        })
        .collect()
}

fn entry<'a>(
    one: &Observation,
    origin: &str,
    started_ms: u64,
    talk: impl FnOnce() -> Vec<(u64, &'a Conversation)>,
) -> Option<Value> {
    let web_origin = origin.replacen("ws", "http", 1);
    let (request, response, error, elapsed_ms, address, is_socket) = match &one.fact {
        Fact::Exchange(seen) => {
            let (response, error) = match &seen.outcome {
                ExchangeOutcome::Answered { response } => (Some(&**response), None),
                ExchangeOutcome::Failed(failed) => (None, Some(failed)),
            };
            (
                &seen.request,
                response,
                error,
                seen.elapsed_ms,
                seen.route.address,
                false,
            )
        }
        Fact::Handshake(seen) => {
            let (response, error) = match &seen.outcome {
                HandshakeOutcome::Switched(switched) => (Some(&switched.response), None),
                HandshakeOutcome::Refused { response } => (Some(&**response), None),
                HandshakeOutcome::Failed(failed) => (None, Some(failed)),
            };
            (
                &seen.request,
                response,
                error,
                seen.elapsed_ms,
                seen.route.address,
                true,
            )
        }
        _ => return None,
    };
    let origin = if is_socket { origin } else { &web_origin };
    let began_ms = started_ms.saturating_add(one.at_ms.saturating_sub(elapsed_ms));
    let error = error.map(|failed| crate::words::failure(&failed.failure));
    let mut entry = json!({
        "startedDateTime": time::iso(began_ms),
        "time": elapsed_ms,
        "request": request_value(request, origin),
        "response": response_value(response, error.as_deref()),
        "cache": {},
        "timings": {
            "send": 0,
            "wait": response.map_or(elapsed_ms, |response| response.first_byte_ms),
            "receive": 0,
        },
        "comment": format!("{}", one.id),
    });
    if let Some(address) = address {
        entry["serverIPAddress"] = json!(address.ip().to_string());
    }
    if is_socket {
        entry["_resourceType"] = json!("websocket");
        entry["_webSocketMessages"] = messages(&talk(), started_ms);
    }
    Some(entry)
}

fn request_value(request: &RequestHead, origin: &str) -> Value {
    let query = request
        .target
        .split_once('?')
        .map_or("", |(_, query)| query);
    let parameters: Vec<Value> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            json!({ "name": name, "value": value })
        })
        .collect();
    json!({
        "method": request.method,
        "url": format!("{origin}{}", request.target),
        "httpVersion": request.version,
        "headers": request.headers,
        "queryString": parameters,
        "cookies": [],
        "headersSize": -1,
        "bodySize": 0,
    })
}

fn response_value(response: Option<&Response>, error: Option<&str>) -> Value {
    let nothing = Response::default();
    let response = response.unwrap_or(&nothing);
    json!({
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": response.version,
        "headers": response.headers,
        "cookies": [],
        "content": {
            "size": response.body.bytes,
            "mimeType": response.header("content-type").unwrap_or("x-unknown"),
            "text": response.body.text,
        },
        "redirectURL": response.header("location").unwrap_or(""),
        "headersSize": -1,
        "bodySize": response.body.bytes,
        "_error": error,
    })
}

fn messages(talk: &[(u64, &Conversation)], started_ms: u64) -> Value {
    let of = |at_ms: u64, seen: &Conversation| -> Vec<Value> {
        let began_ms = started_ms.saturating_add(at_ms.saturating_sub(seen.elapsed_ms));
        seen.events
            .iter()
            .filter_map(|event| {
                let (direction, kind, data) = match &event.payload {
                    Payload::Sent { kind, .. } => ("send", kind, ""),
                    Payload::Received { kind, excerpt, .. } => ("receive", kind, excerpt.as_str()),
                    Payload::Deviation { .. } => return None,
                };
                let ms = began_ms.saturating_add(event.at_ms);
                Some(json!({
                    "type": direction,
                    "time": json!(std::time::Duration::from_millis(ms).as_secs_f64()),
                    "opcode": opcode(*kind),
                    "data": data,
                }))
            })
            .collect()
    };
    Value::Array(
        talk.iter()
            .flat_map(|(at_ms, seen)| of(*at_ms, seen))
            .collect(),
    )
}

/// RFC 6455 section 5.2.
fn opcode(kind: MessageKind) -> u8 {
    match kind {
        MessageKind::Text => 1,
        MessageKind::Binary => 2,
        MessageKind::Close => 8,
        MessageKind::Ping => 9,
        MessageKind::Pong => 10,
    }
}
