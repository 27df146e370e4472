//! A middleware that wraps the response writer, so the server cannot take the connection over.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-middleware-200",
    summary: "a middleware that keeps the server from taking over the connection",
    causes: &["http-middleware-200"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while origin::next_upgrade(&mut stream).await?.is_some() {
        Answer::new(502)
            .dated()
            .header("Server", "Caddy")
            .text("websocket: response does not implement http.Hijacker")
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
        let answer = ask("http-middleware-200", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        assert!(answer.contains("Hijacker"), "{answer}");
        assert_status("http-middleware-200", GET_PAGE, 200).await;
    }
}
