//! A server that speaks HTTP/2 whatever was agreed on: a handshake gets SETTINGS and GOAWAY.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-alpn-h2",
    summary: "a server that answers HTTP/1.1 with HTTP/2 frames",
    causes: &["tls-alpn-h2"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let offered = hello::Hello::peek(&mut stream)
        .await?
        .unwrap_or_default()
        .alpn;
    let mut config = lab.authority.server()?;
    // Without h2 in the offer, nothing is agreed on, and the server still speaks h2.
    config.alpn_protocols = if offered.iter().any(|name| name == "h2") {
        vec![b"h2".to_vec()]
    } else {
        Vec::new()
    };
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let mut stream = server::accept_tls(stream, &acceptor).await?;
    stream.write_all(SETTINGS).await?;
    let mut preface = [0; PREFACE.len()];
    stream.read_exact(&mut preface).await?;
    if preface != *PREFACE {
        stream.write_all(GOAWAY).await?;
    }
    stream.finish().await
}

/// What a client of HTTP/2 sends first (RFC 9113 section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// A SETTINGS frame that changes nothing.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
/// A GOAWAY frame with the error `PROTOCOL_ERROR`.
const GOAWAY: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_handshake_gets_settings_and_goaway() {
        let running = running("tls-alpn-h2").await;
        let mut client = Client::of(&running).await;
        client.send(HANDSHAKE).await;
        let expected = [super::SETTINGS, super::GOAWAY].concat();
        assert_eq!(client.bytes(expected.len()).await.unwrap(), expected);
        running.stop().await;
    }
}
