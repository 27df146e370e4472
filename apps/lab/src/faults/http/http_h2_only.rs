//! A listener that speaks HTTP/2 only, and no WebSocket in it.

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use crate::alert;
use crate::fault::{Fault, Serve};
use crate::hello;
use crate::http2;
use crate::http2::ExtendedConnect;
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-h2-only",
    summary: "a listener that speaks HTTP/2 only",
    causes: &["http-h2-only"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    if !hello::Hello::peek(&mut stream)
        .await?
        .is_some_and(|hello| hello.alpn.iter().any(|name| name == "h2"))
    {
        return alert::refuse(stream, alert::NO_APPLICATION_PROTOCOL).await;
    }
    let mut config = lab.authority.server()?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = server::accept_tls(stream, &TlsAcceptor::from(Arc::new(config))).await?;
    http2::serve(stream, ExtendedConnect::NotAdvertised).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn http_1_1_is_refused() {
        let running = running("http-h2-only").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("an alert").to_string();
        assert!(refused.contains("NoApplicationProtocol"), "{refused}");
        running.stop().await;
    }
}
