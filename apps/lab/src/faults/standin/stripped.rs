//! What common servers say when a proxy has taken `Upgrade` out of a handshake: status and text, word by word.
//!
//! The words are how a diagnosis recognises that the request arrived without its upgrade, whoever removed it.

use std::io;

/// One row per server.
use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULTS: &[Fault] = &[
    Fault {
        name: "stripped-axum",
        summary: "axum behind a proxy that does not forward Upgrade",
        serve: Serve::Stream(|stream, _| Box::pin(serve(stream, axum))),
        ..STRIPPED
    },
    Fault {
        name: "stripped-ws",
        summary: "the npm ws server behind a proxy that does not forward Upgrade",
        serve: Serve::Stream(|stream, _| Box::pin(serve(stream, ws))),
        ..STRIPPED
    },
    Fault {
        name: "stripped-aiohttp",
        summary: "aiohttp behind a proxy that does not forward Upgrade",
        serve: Serve::Stream(|stream, _| Box::pin(serve(stream, aiohttp))),
        ..STRIPPED
    },
    Fault {
        name: "stripped-tornado",
        summary: "Tornado behind a proxy that does not forward Upgrade",
        serve: Serve::Stream(|stream, _| Box::pin(serve(stream, tornado))),
        ..STRIPPED
    },
    Fault {
        name: "stripped-websockets",
        summary: "Python websockets behind a proxy that does not forward Upgrade",
        serve: Serve::Stream(|stream, _| Box::pin(serve(stream, websockets))),
        ..STRIPPED
    },
    Fault {
        name: "stripped-gorilla",
        summary: "gorilla/websocket behind a proxy that does not forward Upgrade",
        serve: Serve::Stream(|stream, _| Box::pin(serve(stream, gorilla))),
        ..STRIPPED
    },
    Fault {
        name: "stripped-spring",
        summary: "Spring behind a proxy that does not forward Upgrade",
        serve: Serve::Stream(|stream, _| Box::pin(serve(stream, tornado))),
        ..STRIPPED
    },
];

const STRIPPED: Fault = Fault {
    causes: &["http-upgrade-stripped"],
    ..Fault::PLAIN
};

/// A proxy that is nginx in front of a server that sees only plain requests.
async fn serve(mut stream: Stream, server: fn() -> Answer) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        let answer = if request.target == "/" {
            Answer::new(200).html("<!doctype html><title>App</title>")
        } else {
            server()
        };
        answer
            .header("Server", "nginx/1.22.1")
            .dated()
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

fn axum() -> Answer {
    Answer::new(400).text("Connection header did not include 'upgrade'")
}

fn ws() -> Answer {
    Answer::new(426).body("text/plain", "Upgrade Required")
}

fn aiohttp() -> Answer {
    Answer::new(400).text("No WebSocket UPGRADE hdr: None\n Can \"Upgrade\" only to \"WebSocket\".")
}

/// Spring's words are the same.
fn tornado() -> Answer {
    Answer::new(400).body(
        "text/html; charset=UTF-8",
        "Can \"Upgrade\" only to \"WebSocket\".",
    )
}

fn websockets() -> Answer {
    Answer::new(426).header("Upgrade", "websocket").text(
        "Failed to open a WebSocket connection: missing Connection header.\n\n\
         You cannot access a WebSocket server directly with a browser. You need a WebSocket client.\n",
    )
}

fn gorilla() -> Answer {
    Answer::new(400).text(
        "Bad Request\nwebsocket: the client is not using the websocket protocol: \
         'upgrade' token not found in 'Connection' header",
    )
}

#[cfg(test)]
mod tests {
    use super::FAULTS;
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn each_answers_the_handshake_as_if_it_were_plain() {
        for fault in FAULTS {
            let answer = ask(fault.name, HANDSHAKE).await;
            let status = answer.split(' ').nth(1).unwrap_or_default();
            assert!(["400", "426"].contains(&status), "{}: {answer}", fault.name);
            assert!(
                answer.contains("Server: nginx/"),
                "{}: {answer}",
                fault.name
            );
            assert!(
                answer.to_lowercase().contains("upgrade"),
                "{}: {answer}",
                fault.name
            );
            assert_status(fault.name, GET_PAGE, 200).await;
        }
    }
}
