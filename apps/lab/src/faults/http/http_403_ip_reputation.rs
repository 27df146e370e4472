//! An edge that refuses this address altogether, pages included.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-403-ip-reputation",
    summary: "an edge that refuses the client address",
    causes: &["http-403-ip-reputation"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(403)
            .dated()
            .header("Server", "cloudflare")
            .header("CF-RAY", "8a1b2c3d4e5f6a7b-LAB")
            .html("<!doctype html><title>Access denied</title><p>Error code: 1006. The owner of this website has banned your IP address.</p>").write(&mut stream).await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{GET_PAGE, HANDSHAKE, ask};

    #[tokio::test]
    async fn answers_everything_alike() {
        let answer = ask("http-403-ip-reputation", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("1006"), "{answer}");
        assert_eq!(ask("http-403-ip-reputation", GET_PAGE).await, answer);
    }
}
