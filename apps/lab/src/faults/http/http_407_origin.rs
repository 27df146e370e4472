//! A transparent proxy that wants credentials from clients that know of no proxy.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-407-origin",
    summary: "a transparent proxy that answers 407 to a direct request",
    causes: &["http-407-origin"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(407)
            .header("Proxy-Authenticate", "Basic realm=\"corp\"")
            .header("Via", "1.1 gateway.corp.test")
            .html("<title>Proxy authentication required</title>")
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
        let answer = ask("http-407-origin", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 407 "), "{answer}");
        assert!(answer.contains("Proxy-Authenticate"), "{answer}");
        assert_eq!(ask("http-407-origin", GET_PAGE).await, answer);
    }
}
