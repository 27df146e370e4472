//! A Phoenix application behind Caddy: three gates that all answer an empty 403, in Phoenix's order.
//!
//! Origin first (absent passes), then the subprotocol (none offered passes), then the application's
//! connect callback; only then is the request looked at as a handshake.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::graphql;
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "seed-phoenix",
    summary: "a Phoenix server that knows one subprotocol and answers an empty 403 to all others",
    causes: &["http-403-subproto"],
    path: "/gql-ws",
    check: &["--subprotocol", "graphql-ws"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        let path = request.target.split('?').next().unwrap_or_default();
        let refusal = match path {
            "/gql-ws" => gate(&request),
            "/" => Some(cowboy(200).html("<!doctype html><title>Rooms</title>")),
            _ => Some(cowboy(404).text("Not Found")),
        };
        let Some(refusal) = refusal else {
            return accept(stream, &request).await;
        };
        refusal.write(&mut stream).await?;
    }
    Ok(())
}

/// What stops this request, gate by gate.
fn gate(request: &Request) -> Option<Answer> {
    let origin = request.header("origin");
    if origin.is_some_and(|origin| !is_allowed(origin, request.header("host").unwrap_or_default()))
    {
        return Some(cowboy(403));
    }
    let offers_any = request.header("sec-websocket-protocol").is_some();
    if offers_any && !request.lists("sec-websocket-protocol", SUBPROTOCOL) {
        return Some(cowboy(403));
    }
    if request.target.contains("refuse=") {
        return Some(cowboy(403));
    }
    if !request.wants_upgrade() {
        return Some(cowboy(400).text("'upgrade' header must contain 'websocket', got []"));
    }
    if !request.is_handshake() {
        return Some(cowboy(400).text("'connection' header must contain 'upgrade', got []"));
    }
    None
}

/// Phoenix compares the Origin's host with the endpoint's own.
fn is_allowed(origin: &str, host: &str) -> bool {
    let own = origin
        .split_once("://")
        .map_or(origin, |(_, authority)| authority);
    let without_port = |authority: &str| authority.split(':').next().unwrap_or_default().to_owned();
    without_port(own) == without_port(host)
}

async fn accept(mut stream: Stream, request: &Request) -> io::Result<()> {
    let mut answer = Answer::switching(request)
        .header("server", "Cowboy")
        .header("via", "1.1 Caddy");
    let agreed = request.lists("sec-websocket-protocol", SUBPROTOCOL);
    if agreed {
        answer = answer.header("sec-websocket-protocol", SUBPROTOCOL);
    }
    answer.write(&mut stream).await?;
    graphql::run(stream, graphql::Dialect::TransportWs).await
}

fn cowboy(status: u16) -> Answer {
    Answer::new(status)
        .header("cache-control", "max-age=0, private, must-revalidate")
        .dated()
        .header("server", "Cowboy")
        .header("via", "1.1 Caddy")
}

/// The one subprotocol this application's socket names.
const SUBPROTOCOL: &str = "graphql-transport-ws";

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask};

    fn handshake(more: &str) -> String {
        HANDSHAKE
            .replace("/socket", "/gql-ws")
            .replace("\r\n\r\n", &format!("\r\n{more}\r\n\r\n"))
    }

    async fn status(request: &str) -> String {
        let answer = ask("seed-phoenix", request).await;
        assert!(
            answer
                .to_lowercase()
                .contains("server: cowboy\r\nvia: 1.1 caddy\r\n"),
            "{answer}"
        );
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn each_gate_refuses_with_an_empty_403() {
        for (more, expected) in [
            ("X-Nothing: 1", "101"),
            ("Origin: http://localhost", "101"),
            ("Origin: https://elsewhere.test", "403"),
            ("Sec-WebSocket-Protocol: graphql-ws", "403"),
            (
                "Sec-WebSocket-Protocol: graphql-ws, graphql-transport-ws",
                "101",
            ),
            ("Sec-WebSocket-Protocol: graphql-transport-ws", "101"),
        ] {
            assert_eq!(status(&handshake(more)).await, expected, "{more}");
        }
        let refused = handshake("X-Nothing: 1").replace("/gql-ws", "/gql-ws?refuse=1");
        assert_eq!(status(&refused).await, "403");
    }

    #[tokio::test]
    async fn the_gates_come_before_the_look_at_the_handshake() {
        let no_handshake = "GET /gql-ws HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert_eq!(status(no_handshake).await, "400");
        let strange =
            no_handshake.replace("\r\n\r\n", "\r\nOrigin: https://elsewhere.test\r\n\r\n");
        assert_eq!(status(&strange).await, "403");
    }
}
