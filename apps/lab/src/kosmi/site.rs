//! HTTP of the stand-in: login, control, and the gates before the socket in Phoenix's order.

use std::io;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::answer::Answer;
use crate::request::Request;
use crate::stream::Stream;

use super::document;
use super::house::House;
use super::{control, socket};

/// Where the socket is.
pub(super) const SOCKET_PATH: &str = "/gql-ws";

/// Answers requests until one opens the socket, or the client leaves.
pub(super) async fn serve(mut stream: Stream, house: &House) -> io::Result<()> {
    while let Some(request) = Request::read_at_leisure(&mut stream).await? {
        let path = request.target.split('?').next().unwrap_or_default();
        let answer = match path {
            SOCKET_PATH => match gate(&request, house) {
                Some(refusal) => refusal,
                None => return socket::serve(stream, &request, house).await,
            },
            "/" if request.method == "POST" => {
                let body = body(&request, &mut stream).await?;
                log_in(&body, house)
            }
            "/" => cowboy(200).html("<!doctype html><title>Rooms</title>"),
            path if path.starts_with("/control/") => {
                let body = body(&request, &mut stream).await?;
                control::answer(&request, &body, house)
            }
            _ => cowboy(404).text("Not Found"),
        };
        answer.write(&mut stream).await?;
    }
    Ok(())
}

/// The body as JSON; null where it is none.
async fn body(request: &Request, stream: &mut Stream) -> io::Result<Value> {
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
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

/// The only mutation over HTTP that needs no account elsewhere.
fn log_in(body: &Value, house: &House) -> Answer {
    if let Some(status) = house.troubles().refuse_login {
        return cowboy(status);
    }
    let read = document::parse(body["query"].as_str().unwrap_or_default());
    let asked = read
        .ok()
        .and_then(|operations| operations.into_iter().next());
    let field = asked.and_then(|operation| operation.fields.into_iter().next());
    match field {
        Some(field) if field.name == "anonLogin" => {
            let (person, token) = house.log_in();
            let answer = json!({ "token": token, "user": person.user() });
            let data = super::schema::data(&field, &answer);
            cowboy(200).json(&json!({ "data": data }).to_string())
        }
        Some(field) => refused(&format!(
            "Cannot query field \"{}\" on type \"RootMutationType\".",
            field.name
        )),
        None => refused("No query document supplied"),
    }
}

fn refused(message: &str) -> Answer {
    cowboy(400).json(&json!({ "errors": [{ "message": message }] }).to_string())
}

/// What stops this request, gate by gate: all but the last with an empty 403, and before it is looked at as a handshake.
fn gate(request: &Request, house: &House) -> Option<Answer> {
    let origin = request.header("origin");
    if origin.is_some_and(|origin| !is_allowed(origin, request.header("host").unwrap_or_default()))
    {
        return Some(cowboy(403));
    }
    let own = house.dialect.subprotocol();
    if request.header("sec-websocket-protocol").is_some()
        && !request.lists("sec-websocket-protocol", own)
    {
        return Some(cowboy(403));
    }
    if let Some(status) = house.troubles().refuse {
        return Some(cowboy(status));
    }
    if !request.wants_upgrade() {
        return Some(cowboy(400).text("'upgrade' header must contain 'websocket', got []"));
    }
    (!request.is_handshake())
        .then(|| cowboy(400).text("'connection' header must contain 'upgrade', got []"))
}

/// The page's Origin, and the stand-in's own host.
fn is_allowed(origin: &str, host: &str) -> bool {
    let host_of = |authority: &str| authority.split(':').next().unwrap_or_default().to_owned();
    let own = origin
        .split_once("://")
        .map_or(origin, |(_, authority)| authority);
    origin == APP_ORIGIN || host_of(own) == host_of(host)
}

/// An answer with the headers that the engine's have.
pub(super) fn cowboy(status: u16) -> Answer {
    Answer::new(status)
        .header("cache-control", "max-age=0, private, must-revalidate")
        .dated()
        .header("server", "Cowboy")
        .header("via", "1.1 Caddy")
}

const APP_ORIGIN: &str = "https://app.kosmi.io";
const BODY_BYTES_MAX: usize = 1 << 20;
