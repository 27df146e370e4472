//! A CDN that challenges every visitor with a script, which no WebSocket can run.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-403-cdn-challenge",
    summary: "a CDN that answers with a challenge page",
    causes: &["http-403-cdn-challenge"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(403)
            .dated()
            .header("Server", "cloudflare")
            .header("CF-RAY", "8a1b2c3d4e5f6a7b-LAB")
            .header("cf-mitigated", "challenge")
            .html("<!doctype html><title>Just a moment...</title><noscript>Enable JavaScript</noscript>").write(&mut stream).await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask};

    #[tokio::test]
    async fn answers_everything_alike() {
        let answer = ask("http-403-cdn-challenge", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("cf-mitigated: challenge"), "{answer}");
        assert_eq!(ask("http-403-cdn-challenge", GET_PAGE).await, answer);
    }
}
