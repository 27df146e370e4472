//! An HTTP proxy that opens every tunnel.

use std::io;
use std::sync::Arc;

use crate::connect;
use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-connect-proxy",
    summary: "an HTTP proxy that opens tunnels",
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    match Request::read(&mut stream).await? {
        Some(request) => connect::allow(stream, request).await,
        None => stream.finish().await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACCEPT, Client, HANDSHAKE, running};

    #[tokio::test]
    async fn echoes_through_the_tunnel() {
        let running = running("healthy-connect-proxy").await;
        let mut client = Client::through(&running).await.expect("a tunnel");
        assert!(client.ask(HANDSHAKE).await.contains(ACCEPT));
        client.echo("hello").await.unwrap();
        running.stop().await;
    }

    #[tokio::test]
    async fn says_when_the_target_is_not_there() {
        let running = running("healthy-connect-proxy").await;
        let mut client = Client::plain(&running).await;
        let answer = client
            .ask("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n")
            .await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        running.stop().await;
    }
}
