//! A server whose certificate is for another name.

use std::io;
use std::sync::Arc;

use crate::authority;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-name-mismatch",
    summary: "a certificate for another name",
    causes: &["tls-name-mismatch"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let identity = lab
        .authority
        .issue(&["other.lab.test"], authority::Validity::NOW)?;
    server::serve_healthy(stream, authority::server_of(identity)?).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn is_not_trusted() {
        let running = running("tls-name-mismatch").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("no trust").to_string();
        assert!(refused.contains("not valid for name"), "{refused}");
        running.stop().await;
    }
}
