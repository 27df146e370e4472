//! A server that asks for a client certificate and takes no connection without one.

use std::io;
use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::authority;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-mtls",
    summary: "a server that requires a client certificate",
    causes: &["tls-mtls"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let mut roots = RootCertStore::empty();
    roots
        .add(lab.authority.root().clone())
        .map_err(io::Error::other)?;
    let provider = authority::provider();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(io::Error::other)?;
    let identity = lab
        .authority
        .issue(authority::LAB_NAMES, authority::Validity::NOW)?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain, identity.key)
        .map_err(io::Error::other)?;
    server::serve_healthy(stream, config).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn a_client_without_certificate_gets_the_alert() {
        let running = running("tls-mtls").await;
        let mut client = Client::of(&running).await;
        client.send(HANDSHAKE).await;
        let refused = client.rest().await.unwrap_err().to_string();
        assert!(refused.contains("CertificateRequired"), "{refused}");
        running.stop().await;
    }
}
