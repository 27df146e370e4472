//! The challenge of AWS, known by its own header and status.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-403-cdn-challenge-aws",
    summary: "a challenge page as AWS sends it",
    causes: &["http-403-cdn-challenge"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(405)
            .dated()
            .header("x-amzn-waf-action", "captcha")
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
        let answer = ask("http-403-cdn-challenge-aws", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert!(answer.contains("x-amzn-waf-action"), "{answer}");
        assert_eq!(ask("http-403-cdn-challenge-aws", GET_PAGE).await, answer);
    }
}
