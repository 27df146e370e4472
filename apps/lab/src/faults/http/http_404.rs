//! A server that has no such path.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-404",
    summary: "a server without this path",
    causes: &["http-404"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while origin::next_upgrade(&mut stream).await?.is_some() {
        Answer::new(404)
            .dated()
            .text("404 page not found")
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
        let answer = ask("http-404", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert_status("http-404", GET_PAGE, 200).await;
    }
}
