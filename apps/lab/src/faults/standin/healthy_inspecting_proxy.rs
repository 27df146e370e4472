//! An inspecting proxy that lets WebSocket pass, with its authority trusted.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve, Trust};
use crate::inspect;
use crate::lab::Lab;
use crate::relay;
use crate::request::Request;
use crate::response::Response;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-inspecting-proxy",
    summary: "an inspecting proxy that lets WebSocket pass",
    context: &["tls-intercept-trusted"],
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
    trust: Trust::LabAndInspector,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let Some(mut tunnel) = inspect::Tunnel::accept(stream, &lab).await? else {
        return Ok(());
    };
    let upstream = tunnel.dial(&lab).await?;
    let Some(request) = Request::read(&mut tunnel.client).await? else {
        return Ok(());
    };
    let via = |request: &mut Request| request.set("Via", VIA);
    let mark = |response: &mut Response| response.add("Via", VIA);
    match relay::forward(&mut tunnel.client, upstream, request, via, mark).await? {
        Some(upstream) => relay::pass(tunnel.client, upstream).await,
        None => tunnel.client.finish().await,
    }
}

const VIA: &str = "1.1 proxy.corp.test (squid/6.6)";

#[cfg(test)]
mod tests {
    use crate::testing::{ACCEPT, Client, HANDSHAKE, running};

    #[tokio::test]
    async fn echoes_through_the_tunnel() {
        let running = running("healthy-inspecting-proxy").await;
        let mut client = Client::through(&running).await.expect("a tunnel");
        assert!(client.ask(HANDSHAKE).await.contains(ACCEPT));
        client.echo("hello").await.unwrap();
        running.stop().await;
    }
}
