//! A proxy that opens tunnels to port 443 only; here port 443 of any host leads to the target.

use std::io;
use std::sync::Arc;

use crate::connect;
use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-port-denied",
    summary: "a proxy that allows CONNECT to port 443 only",
    causes: &["proxy-port-denied"],
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    while let Some(request) = Request::read(&mut stream).await? {
        let port = connect::Target::of(&request).map(|target| target.port);
        if request.method == "CONNECT" && port == Some(443) {
            let target = lab.dial_target().await?;
            connect::established().write(&mut stream).await?;
            return relay::pass(stream, target).await;
        }
        connect::squid(403, "ERR_ACCESS_DENIED 0")
            .write(&mut stream)
            .await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::connect_to;

    use crate::testing::{Client, running};

    #[tokio::test]
    async fn only_443_is_open() {
        let running = running("proxy-port-denied").await;
        let mut client = Client::plain(&running).await;
        assert!(
            client
                .ask(&connect_to(&running))
                .await
                .starts_with("HTTP/1.1 403 ")
        );
        let mut client = Client::plain(&running).await;
        let on_443 = "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n";
        assert!(client.ask(on_443).await.starts_with("HTTP/1.1 200 "));
        running.stop().await;
    }
}
