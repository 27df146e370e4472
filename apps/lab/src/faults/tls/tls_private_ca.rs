//! A server with a certificate of an authority that nobody trusts.

use std::io;
use std::sync::Arc;

use crate::authority;
use crate::fault::{Fault, Serve, Trust};
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-private-ca",
    summary: "a certificate of a private authority",
    causes: &["tls-private-ca"],
    tls: true,
    trust: Trust::Nothing,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let identity = lab
        .authority
        .issue(authority::LAB_NAMES, authority::Validity::NOW)?;
    server::serve_healthy(stream, authority::server_of(identity)?).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn is_not_trusted() {
        let running = running("tls-private-ca").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("no trust").to_string();
        assert!(refused.contains("UnknownIssuer"), "{refused}");
        running.stop().await;
    }
}
