//! The routes of the API, and its token.

use std::io;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::answer::Answer;
use crate::request::Request;
use crate::stream::Stream;

use super::hub::{Hub, of_client};
use super::troubles::PostTrouble;
use super::{control, flow, socket};

/// Answers requests until one opens a websocket or a stream, or the client leaves.
pub(super) async fn serve(mut stream: Stream, hub: &Hub) -> io::Result<()> {
    while let Some(request) = Request::read_at_leisure(&mut stream).await? {
        let body = body(&request, &mut stream).await?;
        let path = request.target.split('?').next().unwrap_or_default();
        if path.starts_with("/control/") {
            let answer = control::answer(&request, &read(&body), hub);
            answer.write(&mut stream).await?;
            continue;
        }
        if let Some(refusal) = refusal(&request, hub) {
            refusal.write(&mut stream).await?;
            continue;
        }
        let answer = match (request.method.as_str(), path) {
            ("GET", "/api/health") => Answer::new(200).text("OK"),
            ("GET", "/api/messages") => messages(hub),
            ("GET", "/api/gateways") if hub.options.tells_gateways => gateways(hub),
            ("GET", "/api/stream") => return flow::serve(stream, hub).await,
            ("GET", "/api/websocket") if request.is_handshake() => {
                return socket::serve(stream, &request, hub).await;
            }
            ("GET", "/api/websocket") => Answer::new(400).text("Bad Request\n"),
            ("POST", "/api/message") => match post(&body, hub)? {
                Some(answer) => answer,
                // The connection ends in place of an answer.
                None => return Ok(()),
            },
            _ => refused(404, "Not Found"),
        };
        answer.write(&mut stream).await?;
    }
    Ok(())
}

/// What stops this request: a token that is missing or wrong, with the statuses of the library.
fn refusal(request: &Request, hub: &Hub) -> Option<Answer> {
    if let Some(status) = hub.troubles().refuse {
        return Some(refused(status, "trouble"));
    }
    let token = hub.options.token.as_ref()?;
    let given = request.header("authorization").unwrap_or_default();
    match given.strip_prefix("Bearer ") {
        None => Some(refused(400, "missing key in request header")),
        Some(given) if given != token => Some(refused(401, "Unauthorized")),
        Some(_) => None,
    }
}

fn refused(status: u16, message: &str) -> Answer {
    Answer::new(status).json(&json!({ "message": message }).to_string())
}

fn messages(hub: &Hub) -> Answer {
    let all = hub.take_all();
    // An empty list of Go is written so.
    let body = if all.is_empty() {
        Value::Null
    } else {
        Value::Array(all)
    };
    Answer::new(200).json(&body.to_string())
}

fn gateways(hub: &Hub) -> Answer {
    let names = hub.options.gateways.iter().flatten();
    let all: Vec<Value> = names
        .map(|name| json!({ "name": name, "bridges": [] }))
        .collect();
    Answer::new(200).json(&json!({ "gateways": all }).to_string())
}

fn post(body: &[u8], hub: &Hub) -> io::Result<Option<Answer>> {
    let object = read(body);
    if !object.is_object() {
        return Ok(Some(refused(400, "Syntax error")));
    }
    let object = of_client(object);
    let trouble = hub.troubles().of_next_post();
    if trouble != PostTrouble::VanishBefore {
        hub.said_by_client(&object)?;
    }
    let answer = Answer::new(200).json(&object.to_string());
    Ok((trouble == PostTrouble::None).then_some(answer))
}

fn read(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

async fn body(request: &Request, stream: &mut Stream) -> io::Result<Vec<u8>> {
    let length = request.header("content-length").unwrap_or("0");
    let length = length.parse().unwrap_or(usize::MAX);
    if length > BODY_BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the body is too long",
        ));
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

const BODY_BYTES_MAX: usize = 8 << 20;
