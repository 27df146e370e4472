//! A server that finds the handshake malformed and does not say why.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-400-generic",
    summary: "a server that answers 400 to every handshake",
    causes: &["http-400-generic"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while origin::next_upgrade(&mut stream).await?.is_some() {
        Answer::new(400)
            .dated()
            .text("Bad Request")
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
        let answer = ask("http-400-generic", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert_status("http-400-generic", GET_PAGE, 200).await;
    }
}
