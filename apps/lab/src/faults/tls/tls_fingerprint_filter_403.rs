//! A bot filter that judges by the ClientHello but refuses in HTTP: 403 for any request.

use std::io;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use crate::answer::Answer;
use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::request::Request;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-fingerprint-filter-403",
    summary: "a filter that answers 403 by the ClientHello",
    causes: &["tls-fingerprint-filter"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let hello = hello::Hello::peek(&mut stream).await?;
    if hello.is_none_or(|hello| is_expected(&hello)) {
        return server::serve_healthy(stream, lab.authority.server()?).await;
    }
    let acceptor = TlsAcceptor::from(Arc::new(lab.authority.server()?));
    let mut stream = server::accept_tls(stream, &acceptor).await?;
    while Request::read(&mut stream).await?.is_some() {
        Answer::new(403)
            .dated()
            .header("Server", "edge")
            .text("Forbidden")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
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
    use crate::testing::{GET_PAGE, HANDSHAKE, assert_status};

    #[tokio::test]
    async fn rustls_gets_403_for_everything() {
        assert_status("tls-fingerprint-filter-403", HANDSHAKE, 403).await;
        assert_status("tls-fingerprint-filter-403", GET_PAGE, 403).await;
    }
}
