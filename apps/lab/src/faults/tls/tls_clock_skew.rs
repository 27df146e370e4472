//! A server whose certificate begins in three days: so it looks to a clock that is three days slow.

use std::io;
use std::sync::Arc;

use crate::authority;
use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-clock-skew",
    summary: "a certificate that begins in three days",
    causes: &["tls-clock-skew"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let early = authority::Validity {
        from_days: 3,
        until_days: 90,
    };
    let identity = lab.authority.issue(authority::LAB_NAMES, early)?;
    server::serve_healthy(stream, authority::server_of(identity)?).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn is_not_trusted() {
        let running = running("tls-clock-skew").await;
        let client = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        let refused = client.err().expect("no trust").to_string();
        assert!(refused.contains("not valid yet"), "{refused}");
        running.stop().await;
    }
}
