//! An inspecting proxy with a rule against WebSocket: the same request without `Upgrade` passes.

use std::io;
use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::{Fault, Kind, Serve, Trust};
use crate::inspect;
use crate::lab::Lab;
use crate::relay;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-ws-policy",
    summary: "an inspecting proxy with a rule against WebSocket",
    causes: &["proxy-ws-policy"],
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
    while let Some(request) = Request::read(&mut tunnel.client).await? {
        if !request.wants_upgrade() {
            let upstream = tunnel.dial(&lab).await?;
            relay::forward(
                &mut tunnel.client,
                upstream,
                request,
                |_| {},
                |response| response.add("Via", VIA),
            )
            .await?;
            break;
        }
        Answer::new(403)
            .header("Via", VIA)
            .html(PAGE)
            .write(&mut tunnel.client)
            .await?;
    }
    tunnel.client.finish().await
}

const VIA: &str = "1.1 proxy.corp.test";
const PAGE: &str = "<html><head><title>Access denied</title></head><body>Your request was denied by policy: WebSocket.</body></html>";

#[cfg(test)]
mod tests {
    use crate::testing::{Client, GET, HANDSHAKE, running};

    #[tokio::test]
    async fn only_the_upgrade_is_denied() {
        let running = running("proxy-ws-policy").await;
        let answer = Client::through(&running)
            .await
            .expect("a tunnel")
            .ask(HANDSHAKE)
            .await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        let answer = Client::through(&running)
            .await
            .expect("a tunnel")
            .ask(GET)
            .await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        running.stop().await;
    }
}
