//! A TLS server where the client speaks plain: it answers in plain text that TLS is expected.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::request::Request;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-wrong-port-plain",
    summary: "a TLS port that is spoken to without TLS",
    causes: &["tls-wrong-port"],
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    if hello::Hello::peek(&mut stream).await?.is_some() {
        return server::serve_healthy(stream, lab.authority.server()?).await;
    }
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(400)
            .header("Server", "nginx/1.31.5")
            .dated()
            .html(PAGE)
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

const PAGE: &str = "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head><body>\
    <center><h1>400 Bad Request</h1></center></body></html>";

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask};

    #[tokio::test]
    async fn plain_text_is_told_to_speak_tls() {
        let answer = ask("tls-wrong-port-plain", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("HTTPS port"), "{answer}");
    }
}
