//! A plain web server where the client expects TLS: it answers the ClientHello with a plain 400.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncReadExt;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-wrong-port",
    summary: "a plain web server on a port where TLS is expected",
    causes: &["tls-wrong-port"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let mut first = [0; 1];
    stream.read_exact(&mut first).await?;
    stream.put_back(&first);
    if first[0].is_ascii_alphabetic() {
        return origin::serve(stream).await;
    }
    Answer::new(400)
        .header("Server", "nginx/1.31.5")
        .dated()
        .html("<center><h1>400 Bad Request</h1></center>")
        .write(&mut stream)
        .await?;
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn tls_gets_plain_text_and_plain_text_gets_in() {
        let running = running("tls-wrong-port").await;
        let mut client = Client::plain(&running).await;
        client.send_bytes(&[22, 3, 1, 0, 1, 0]).await;
        assert!(client.head().await.starts_with("HTTP/1.1 400 "));
        assert!(
            Client::plain(&running)
                .await
                .ask(HANDSHAKE)
                .await
                .starts_with("HTTP/1.1 101 ")
        );
        running.stop().await;
    }
}
