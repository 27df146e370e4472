//! A web filter whose block page comes as a success.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-block-page-200",
    summary: "a web filter that answers its block page with status 200",
    causes: &["http-block-page"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(200)
            .header("Cache-Control", "no-store")
            .html(PAGE)
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

const PAGE: &str = "<html><head><title>Access denied by web filter</title></head><body><h1>This site is blocked</h1>\
    <p>Category: Games. Policy: Pupils. Contact your administrator.</p></body></html>";

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask};

    #[tokio::test]
    async fn answers_everything_alike() {
        let answer = ask("http-block-page-200", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("blocked"), "{answer}");
        assert_eq!(ask("http-block-page-200", GET_PAGE).await, answer);
    }
}
