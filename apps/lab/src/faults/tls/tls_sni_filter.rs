//! A filter that resets connections to the name `localhost`; the same address under another name passes.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-sni-filter",
    summary: "a filter that resets the connection because of the name",
    causes: &["tls-sni-filter"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek(&mut stream).await? {
        Some(hello) if hello.server_name.as_deref() == Some("localhost") => stream.reset(),
        _ => server::serve_healthy(stream, lab.authority.server()?).await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn only_the_name_is_filtered() {
        let running = running("tls-sni-filter").await;
        let filtered = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        assert_eq!(
            filtered.err().expect("a reset").kind(),
            std::io::ErrorKind::ConnectionReset
        );
        assert!(
            Client::plain(&running)
                .await
                .over_tls(&running, "127.0.0.1")
                .await
                .is_ok()
        );
        running.stop().await;
    }
}
