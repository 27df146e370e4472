//! A network that says with the registered status 511 that one has to log in first.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-captive-portal-511",
    summary: "a captive portal that answers 511 to every request",
    causes: &["http-captive-portal"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(511)
            .header("Cache-Control", "no-store")
            .html("<html><head><title>Network login</title></head><body>Log in to use this network.</body></html>").write(&mut stream).await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask};

    #[tokio::test]
    async fn answers_everything_alike() {
        let answer = ask("http-captive-portal-511", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 511 "), "{answer}");
        assert!(answer.contains("login"), "{answer}");
        assert_eq!(ask("http-captive-portal-511", GET_PAGE).await, answer);
    }
}
