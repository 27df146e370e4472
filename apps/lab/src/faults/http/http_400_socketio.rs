//! An Engine.IO server: without its parameters it answers 400 with a JSON code.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::frames;
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-400-socketio",
    summary: "a Socket.IO server that gets a plain WebSocket handshake",
    causes: &["http-400-socketio"],
    path: "/socket.io/",
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        if let Some(complaint) = complaint(&request) {
            Answer::new(400)
                .dated()
                .json(&complaint)
                .write(&mut stream)
                .await?;
            continue;
        }
        Answer::switching(&request).write(&mut stream).await?;
        frames::write_text(&mut stream, OPEN).await?;
        return echo::run(stream).await;
    }
    stream.finish().await
}

/// What Engine.IO objects to, in its order.
fn complaint(request: &Request) -> Option<String> {
    let query = request
        .target
        .split_once('?')
        .map_or("", |(_, query)| query);
    let value = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.split_once('=').filter(|(own, _)| *own == name))
            .map(|(_, value)| value)
    };
    let (code, message) = if value("transport") != Some("websocket") {
        (0, "Transport unknown")
    } else if value("sid").is_some() {
        (1, "Session ID unknown")
    } else if value("EIO") != Some("4") {
        (5, "Unsupported protocol version")
    } else if !request.is_handshake() {
        (3, "Bad request")
    } else {
        return None;
    };
    Some(format!(r#"{{"code":{code},"message":"{message}"}}"#))
}

/// Engine.IO's first packet.
const OPEN: &str =
    r#"0{"sid":"lab","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn answers_with_its_codes() {
        let at = |path: &str| HANDSHAKE.replace("/socket", path);
        for (path, code) in [
            ("/socket.io/", "{\"code\":0,"),
            ("/socket.io/?EIO=2&transport=websocket", "{\"code\":5,"),
            (
                "/socket.io/?EIO=4&transport=websocket&sid=gone",
                "{\"code\":1,",
            ),
        ] {
            let answer = ask("http-400-socketio", &at(path)).await;
            assert!(
                answer.starts_with("HTTP/1.1 400 ") && answer.contains(code),
                "{answer}"
            );
        }
        assert_status(
            "http-400-socketio",
            &at("/socket.io/?EIO=4&transport=websocket"),
            101,
        )
        .await;
    }
}
