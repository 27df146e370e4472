//! An inspecting proxy that connects to port 443 of the Host and forgets the port that was asked for.

use std::io;
use std::sync::Arc;

use crate::connect;
use crate::fault::{Fault, Kind, Serve, Trust};
use crate::inspect;
use crate::lab::Lab;
use crate::relay;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-host-port",
    summary: "an inspecting proxy that loses the port",
    causes: &["proxy-host-port"],
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
    let asked = tunnel.target.port;
    while Request::read(&mut tunnel.client).await?.is_some() {
        if asked == 443 {
            let upstream = tunnel.dial(&lab).await?;
            return relay::pass(tunnel.client, upstream).await;
        }
        connect::squid(503, "ERR_CONNECT_FAIL 111")
            .write(&mut tunnel.client)
            .await?;
    }
    tunnel.client.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn another_port_is_not_reached() {
        let running = running("proxy-host-port").await;
        let answer = Client::through(&running)
            .await
            .expect("a tunnel")
            .ask(HANDSHAKE)
            .await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("ERR_CONNECT_FAIL"), "{answer}");
        running.stop().await;
    }
}
