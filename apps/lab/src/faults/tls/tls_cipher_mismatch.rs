//! A server with no cipher in common: it answers `handshake_failure`.

use std::io;
use std::sync::Arc;

use crate::alert;
use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-cipher-mismatch",
    summary: "a server with no cipher in common",
    causes: &["tls-cipher-mismatch"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek(&mut stream).await? {
        Some(_) => alert::refuse(stream, alert::HANDSHAKE_FAILURE).await,
        None => stream.finish().await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn answers_every_hello_with_its_alert() {
        let running = running("tls-cipher-mismatch").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("an alert").to_string();
        assert!(refused.contains("HandshakeFailure"), "{refused}");
        running.stop().await;
    }
}
