//! A server from before RFC 6455 that speaks only version 8.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::echo;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-version",
    summary: "a server that speaks another version of the protocol",
    causes: &["http-version"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = origin::next_upgrade(&mut stream).await? {
        if request.header("sec-websocket-version") == Some("8") {
            return echo::serve(stream, &request).await;
        }
        Answer::new(426)
            .dated()
            .header("Sec-WebSocket-Version", "8")
            .text("Unsupported version")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn lets_in_only_its_version() {
        let answer = ask("http-version", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.contains("Sec-WebSocket-Version: 8"), "{answer}");
        assert_status(
            "http-version",
            &HANDSHAKE.replace("Version: 13", "Version: 8"),
            101,
        )
        .await;
    }
}
