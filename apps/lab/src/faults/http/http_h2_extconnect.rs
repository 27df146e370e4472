//! An edge that advertises WebSocket over HTTP/2 and cannot pass it on; HTTP/1.1 works.

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use crate::fault::{Fault, Serve};
use crate::http2;
use crate::http2::ExtendedConnect;
use crate::lab::Lab;
use crate::origin;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-h2-extconnect",
    summary: "an edge that advertises extended CONNECT and answers it with 502",
    causes: &["http-h2-extconnect"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let mut config = lab.authority.server()?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = server::accept_tls(stream, &TlsAcceptor::from(Arc::new(config))).await?;
    if stream.is_http2() {
        http2::serve(stream, ExtendedConnect::Refused).await
    } else {
        origin::serve(stream).await
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, assert_status, running};

    #[tokio::test]
    async fn only_http2_is_refused() {
        assert_status("http-h2-extconnect", HANDSHAKE, 101).await;
        let running = running("http-h2-extconnect").await;
        let (status, _) = crate::testing::extended_connect(&running).await;
        assert_eq!(status, 502);
        running.stop().await;
    }
}
