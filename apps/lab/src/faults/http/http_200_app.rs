//! A single-page application whose fallback route also answers the WebSocket path.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-200-app",
    summary: "a web app that answers its page on the WebSocket path too",
    causes: &["http-200-app"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(200).header("Server", "lab-app").html("<!doctype html><title>My app</title><div id=\"root\"></div><script src=\"/app.js\"></script>").write(&mut stream).await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask};

    #[tokio::test]
    async fn answers_everything_alike() {
        let answer = ask("http-200-app", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("My app"), "{answer}");
        assert_eq!(ask("http-200-app", GET_PAGE).await, answer);
    }
}
