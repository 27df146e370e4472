//! A proxy that cannot connect to the server.

use std::io;
use std::sync::Arc;

use crate::connect;
use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-upstream-fail",
    summary: "a proxy that cannot reach the server",
    causes: &["proxy-upstream-fail"],
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    while Request::read(&mut stream).await?.is_some() {
        connect::squid(503, "ERR_CONNECT_FAIL 111")
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
        let running = running("proxy-upstream-fail").await;
        let answer = Client::plain(&running)
            .await
            .ask(&connect_to(&running))
            .await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("ERR_CONNECT_FAIL"), "{answer}");
        running.stop().await;
    }
}
