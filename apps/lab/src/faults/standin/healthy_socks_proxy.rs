//! A SOCKS proxy that connects to every target.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::socks;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-socks-proxy",
    summary: "a SOCKS proxy that connects",
    kind: Kind::Proxy { scheme: "socks5h" },
    tls: true,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(target) = socks::read_target(&mut stream).await? else {
        return stream.finish().await;
    };
    let Ok(upstream) = target.dial().await else {
        socks::reply(&mut stream, socks::HOST_UNREACHABLE).await?;
        return stream.finish().await;
    };
    socks::reply(&mut stream, 0).await?;
    relay::pass(stream, upstream).await
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACCEPT, Client, HANDSHAKE, running};

    #[tokio::test]
    async fn connects_to_a_name() {
        let running = running("healthy-socks-proxy").await;
        let url = running.url();
        let port: u16 = url
            .split([':', '/'])
            .nth(4)
            .and_then(|port| port.parse().ok())
            .expect("a port");
        let mut client = Client::plain(&running).await;
        let [high, low] = port.to_be_bytes();
        client.send_bytes(&[5, 1, 0]).await;
        assert_eq!(client.bytes(2).await.unwrap(), [5, 0]);
        client.send_bytes(b"\x05\x01\x00\x03\x09localhost").await;
        client.send_bytes(&[high, low]).await;
        assert_eq!(client.bytes(10).await.unwrap()[..2], [5, 0]);
        let mut client = client
            .over_tls(&running, "localhost")
            .await
            .expect("the target's own certificate");
        assert!(client.ask(HANDSHAKE).await.contains(ACCEPT));
        running.stop().await;
    }
}
