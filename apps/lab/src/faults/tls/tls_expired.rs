//! A server whose certificate ended two days ago.

use std::io;
use std::sync::Arc;

use crate::authority;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-expired",
    summary: "a certificate that ended two days ago",
    causes: &["tls-expired"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let ended = authority::Validity {
        from_days: -92,
        until_days: -2,
    };
    let identity = lab.authority.issue(authority::LAB_NAMES, ended)?;
    server::serve_healthy(stream, authority::server_of(identity)?).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn is_not_trusted() {
        let running = running("tls-expired").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("no trust").to_string();
        assert!(refused.contains("expired"), "{refused}");
        running.stop().await;
    }
}
