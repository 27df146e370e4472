//! An old middlebox that resets clients that offer TLS 1.3.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls13-blocked",
    summary: "a middlebox that resets clients that offer TLS 1.3",
    causes: &["tls13-blocked"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek(&mut stream).await? {
        Some(hello) if hello.versions.contains(&hello::TLS13) => stream.reset(),
        _ => server::serve_healthy(stream, lab.authority.server()?).await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn an_offer_of_1_3_is_reset() {
        let running = running("tls13-blocked").await;
        let filtered = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        assert_eq!(
            filtered.err().expect("a reset").kind(),
            std::io::ErrorKind::ConnectionReset
        );
        running.stop().await;
    }

    #[tokio::test]
    async fn an_offer_of_1_2_alone_passes() {
        let running = running("tls13-blocked").await;
        let client = Client::plain(&running).await.over_tls12(&running).await;
        assert!(
            client
                .expect("1.2 passes")
                .ask(HANDSHAKE)
                .await
                .starts_with("HTTP/1.1 101 ")
        );
        running.stop().await;
    }
}
