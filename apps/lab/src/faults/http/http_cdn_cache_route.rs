//! A CDN that caches the route and answers the handshake from its cache.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-cdn-cache-route",
    summary: "a CDN that answers the handshake from its cache",
    causes: &["http-cdn-cache-route"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while origin::next_upgrade(&mut stream).await?.is_some() {
        Answer::new(200)
            .dated()
            .header("X-Cache", "TCP_HIT")
            .header("X-Azure-Ref", "20261121T080000Z-lab")
            .header("Age", "118")
            .header("Cache-Control", "public, max-age=600")
            .html("<!doctype html><title>Live</title><p>Cached.</p>")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask, assert_status};

    #[tokio::test]
    async fn refuses_only_the_handshake() {
        let answer = ask("http-cdn-cache-route", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("X-Cache: TCP_HIT"), "{answer}");
        assert_status("http-cdn-cache-route", GET_PAGE, 200).await;
    }
}
