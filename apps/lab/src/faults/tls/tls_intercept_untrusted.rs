//! An inspecting proxy whose authority the client does not trust.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::inspect;
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-intercept-untrusted",
    summary: "an inspecting proxy whose authority is not trusted",
    causes: &["tls-intercept-untrusted"],
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let Some(mut tunnel) = inspect::Tunnel::accept(stream, &lab).await? else {
        return Ok(());
    };
    let upstream = tunnel.dial(&lab).await?;
    relay::pass(tunnel.client, upstream).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn its_certificate_is_not_trusted() {
        let running = running("tls-intercept-untrusted").await;
        let refused = Client::through(&running)
            .await
            .err()
            .expect("no trust")
            .to_string();
        assert!(refused.contains("UnknownIssuer"), "{refused}");
        running.stop().await;
    }
}
