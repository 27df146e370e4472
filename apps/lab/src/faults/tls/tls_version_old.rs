//! A server that speaks only versions before TLS 1.2: it answers `protocol_version`.

use std::io;
use std::sync::Arc;

use crate::alert;
use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-version-old",
    summary: "a server that speaks only old versions of TLS",
    causes: &["tls-version-old"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek(&mut stream).await? {
        Some(_) => alert::refuse(stream, alert::PROTOCOL_VERSION).await,
        None => stream.finish().await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn answers_every_hello_with_its_alert() {
        let running = running("tls-version-old").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("an alert").to_string();
        assert!(refused.contains("ProtocolVersion"), "{refused}");
        running.stop().await;
    }
}
