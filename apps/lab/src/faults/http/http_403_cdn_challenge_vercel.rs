//! The challenge of Vercel, known by its own header and status.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-403-cdn-challenge-vercel",
    summary: "a challenge page as Vercel sends it",
    causes: &["http-403-cdn-challenge"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(429)
            .dated()
            .header("x-vercel-mitigated", "challenge")
            .html("<!doctype html><title>Checkpoint</title>")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask};

    #[tokio::test]
    async fn answers_everything_alike() {
        let answer = ask("http-403-cdn-challenge-vercel", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
        assert!(answer.contains("x-vercel-mitigated"), "{answer}");
        assert_eq!(ask("http-403-cdn-challenge-vercel", GET_PAGE).await, answer);
    }
}
