//! A server that sends its certificate without the intermediate.

use std::io;
use std::sync::Arc;

use crate::authority;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-chain-incomplete",
    summary: "a certificate sent without its intermediate",
    causes: &["tls-chain-incomplete"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let mut identity = lab
        .authority
        .issue(authority::LAB_NAMES, authority::Validity::NOW)?;
    identity.chain.truncate(1);
    server::serve_healthy(stream, authority::server_of(identity)?).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn is_not_trusted() {
        let running = running("tls-chain-incomplete").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("no trust").to_string();
        assert!(refused.contains("UnknownIssuer"), "{refused}");
        running.stop().await;
    }
}
