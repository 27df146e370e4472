//! A bot filter that resets what does not look like a browser or OpenSSL, by its ClientHello alone.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-fingerprint-filter",
    summary: "a filter that resets clients by their ClientHello",
    causes: &["tls-fingerprint-filter"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek(&mut stream).await? {
        Some(hello) if !is_expected(&hello) => stream.reset(),
        _ => server::serve_healthy(stream, lab.authority.server()?).await,
    }
}

/// Browsers add values without meaning (RFC 8701), OpenSSL still offers CBC; this filter expects either.
fn is_expected(hello: &hello::Hello) -> bool {
    hello
        .extensions
        .iter()
        .any(|kind| *kind == hello::ENCRYPT_THEN_MAC || kind & 0x0f0f == 0x0a0a)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn rustls_is_reset() {
        let running = running("tls-fingerprint-filter").await;
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

    #[test]
    fn openssl_and_browsers_are_expected() {
        let with = |extensions: &[u16]| {
            super::is_expected(&crate::hello::Hello {
                extensions: extensions.to_vec(),
                ..crate::hello::Hello::default()
            })
        };
        assert!(with(&[0, 11, 10, 22, 23]));
        assert!(with(&[0x4a4a, 0, 23]));
        assert!(!with(&[0, 11, 10, 23]));
    }
}
