//! A server whose certificate signs itself.

use std::io;
use std::sync::Arc;

use crate::authority;
use crate::fault::{Fault, Serve, Trust};
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-private-ca-self-signed",
    summary: "a certificate that signs itself",
    causes: &["tls-private-ca"],
    tls: true,
    trust: Trust::Nothing,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let identity = authority::self_signed()?;
    server::serve_healthy(stream, authority::server_of(identity)?).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn is_not_trusted() {
        let running = running("tls-private-ca-self-signed").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("no trust").to_string();
        assert!(refused.contains(""), "{refused}");
        running.stop().await;
    }
}
