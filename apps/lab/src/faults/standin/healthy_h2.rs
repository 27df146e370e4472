//! A server that takes WebSocket over HTTP/1.1 and by extended CONNECT over HTTP/2.

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
    name: "healthy-h2",
    summary: "a correct echo over HTTP/1.1 and HTTP/2",
    tls: true,
    check: &["--echo"],
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let mut config = lab.authority.server()?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = server::accept_tls(stream, &TlsAcceptor::from(Arc::new(config))).await?;
    if stream.is_http2() {
        http2::serve(stream, ExtendedConnect::Echoed).await
    } else {
        origin::serve(stream).await
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{assert_healthy, running};

    #[tokio::test]
    async fn echoes_over_http_1_1() {
        assert_healthy("healthy-h2").await;
    }

    #[tokio::test]
    async fn echoes_over_http2() {
        let running = running("healthy-h2").await;
        let (status, mut socket) = crate::testing::extended_connect(&running).await;
        assert_eq!(status, 200);
        assert_eq!(
            socket.exchange(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']).await,
            [0x81, 2, b'h', b'i']
        );
        running.stop().await;
    }
}
