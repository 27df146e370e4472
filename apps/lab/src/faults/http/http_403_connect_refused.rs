//! A Phoenix application whose connect callback refuses: an empty 403 whatever is offered.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-403-connect-refused",
    summary: "an application that refuses every connection with an empty 403",
    causes: &["http-403-connect-refused"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while origin::next_upgrade(&mut stream).await?.is_some() {
        Answer::new(403)
            .header("cache-control", "max-age=0, private, must-revalidate")
            .dated()
            .header("server", "Cowboy")
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
        let answer = ask("http-403-connect-refused", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("server: Cowboy"), "{answer}");
        assert_status("http-403-connect-refused", GET_PAGE, 200).await;
    }
}
