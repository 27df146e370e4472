//! A load balancer with no server left.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-503",
    summary: "a load balancer with no healthy server",
    causes: &["http-503"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(503)
            .header("server", "envoy")
            .header("Retry-After", "5")
            .dated()
            .text("no healthy upstream")
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
        let answer = ask("http-503", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("Retry-After: 5"), "{answer}");
        assert_eq!(ask("http-503", GET_PAGE).await, answer);
    }
}
