//! A gateway on the path that shows a certificate of its own authority, which the client does not trust.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Serve};
use crate::inspect;
use crate::lab::Lab;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-intercept-untrusted-transparent",
    summary: "a gateway that shows its own, untrusted certificate",
    causes: &["tls-intercept-untrusted"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    inspect::pose(stream, &lab).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn is_not_trusted() {
        let running = running("tls-intercept-untrusted-transparent").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("no trust").to_string();
        assert!(refused.contains("UnknownIssuer"), "{refused}");
        running.stop().await;
    }
}
