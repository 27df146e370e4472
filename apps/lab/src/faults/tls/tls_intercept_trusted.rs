//! An inspecting proxy whose authority the client trusts: it works, and that is worth knowing.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve, Trust};
use crate::inspect;
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-intercept-trusted",
    summary: "an inspecting proxy that works, with its authority trusted",
    context: &["tls-intercept-trusted"],
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
    trust: Trust::LabAndInspector,
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
    use crate::testing::{ACCEPT, Client, HANDSHAKE, running};

    #[tokio::test]
    async fn works_with_a_certificate_of_its_own() {
        let running = running("tls-intercept-trusted").await;
        let mut client = Client::through(&running).await.expect("a trusted tunnel");
        assert!(
            client.issuer().contains("Lab Web Gateway"),
            "{}",
            client.issuer()
        );
        assert!(client.ask(HANDSHAKE).await.contains(ACCEPT));
        client.echo("hello").await.unwrap();
        running.stop().await;
    }
}
