//! A proxy whose policy refuses the host, in the words of Squid.

use std::io;
use std::sync::Arc;

use crate::connect;
use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-connect-denied",
    summary: "a proxy that refuses CONNECT by policy",
    causes: &["proxy-connect-denied"],
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
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
    async fn refuses_the_tunnel() {
        let running = running("proxy-connect-denied").await;
        let answer = Client::plain(&running)
            .await
            .ask(&connect_to(&running))
            .await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(
            answer.contains("X-Squid-Error: ERR_ACCESS_DENIED"),
            "{answer}"
        );
        running.stop().await;
    }
}
