//! A listener that offers another application protocol only: it answers `no_application_protocol`.

use std::io;
use std::sync::Arc;

use crate::alert;
use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-alpn-none",
    summary: "a listener that speaks neither http/1.1 nor h2",
    causes: &["tls-alpn-none"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek(&mut stream).await? {
        // Without an offer there is nothing to refuse.
        Some(hello) if !hello.alpn.is_empty() => {
            alert::refuse(stream, alert::NO_APPLICATION_PROTOCOL).await
        }
        _ => server::serve_healthy(stream, lab.authority.server()?).await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn http_1_1_is_refused() {
        let running = running("tls-alpn-none").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("an alert").to_string();
        assert!(refused.contains("NoApplicationProtocol"), "{refused}");
        running.stop().await;
    }
}
