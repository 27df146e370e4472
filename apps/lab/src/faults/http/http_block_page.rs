//! A web filter that shows its own page instead of the site.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-block-page",
    summary: "a web filter that answers with its block page",
    causes: &["http-block-page"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(403)
            .header("Server", "WebFilter")
            .header("Cache-Control", "no-store")
            .html(PAGE)
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

const PAGE: &str = "<html><head><title>Web page blocked</title></head><body><h1>Access to this site is blocked</h1>\
    <p>Your organisation's policy blocks this category: Instant Messaging.</p>\
    <p>Contact your network administrator if you think this is wrong.</p></body></html>";

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask};

    #[tokio::test]
    async fn answers_everything_alike() {
        let answer = ask("http-block-page", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("blocked"), "{answer}");
        assert_eq!(ask("http-block-page", GET_PAGE).await, answer);
    }
}
