//! An inspecting proxy that takes `Upgrade` out of what it has decrypted, as Squid does unless told otherwise.

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
    name: "proxy-inspect-strip",
    summary: "an inspecting proxy that removes Upgrade inside TLS",
    causes: &["proxy-inspect-strip"],
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
    let Some(request) = Request::read(&mut tunnel.client).await? else {
        return Ok(());
    };
    let change = |request: &mut Request| {
        request.remove("upgrade");
        request.remove("connection");
        request.set("Via", VIA);
        request.set("X-Forwarded-For", "127.0.0.1");
        request.set("Cache-Control", "max-age=259200");
    };
    let mark = |response: &mut Response| {
        response.remove("upgrade");
        response.add("X-Cache", "MISS from proxy.corp.test");
        response.add("Via", VIA);
    };
    relay::forward(&mut tunnel.client, upstream, request, change, mark).await?;
    tunnel.client.finish().await
}

const VIA: &str = "1.1 proxy.corp.test (squid/6.6)";

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn the_server_sees_a_plain_request() {
        let running = running("proxy-inspect-strip").await;
        let mut client = Client::through(&running).await.expect("a trusted tunnel");
        assert!(client.issuer().contains("Lab Web Gateway"));
        let answer = client.ask(HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.contains("Via: "), "{answer}");
        running.stop().await;
    }
}
