//! Not a web server at all: it greets first, in a protocol of its own.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;

use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-wrong-service",
    summary: "a server of another protocol that greets first",
    causes: &["http-wrong-service"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    stream.write_all(b"SSH-2.0-OpenSSH_10.0\r\n").await?;
    stream.hold().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn greets_in_another_protocol() {
        let running = running("http-wrong-service").await;
        let mut client = Client::of(&running).await;
        assert_eq!(client.bytes(8).await.unwrap(), b"SSH-2.0-");
        running.stop().await;
    }
}
