//! A SOCKS proxy that cannot reach or resolve the host.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::socks;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "socks-fail-host",
    summary: "a SOCKS proxy that cannot reach the host",
    causes: &["socks-fail"],
    kind: Kind::Proxy { scheme: "socks5h" },
    tls: true,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    if socks::read_target(&mut stream).await?.is_some() {
        socks::reply(&mut stream, socks::HOST_UNREACHABLE).await?;
    }
    stream.finish().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn replies_with_its_code() {
        let running = running("socks-fail-host").await;
        let mut client = Client::plain(&running).await;
        client.send_bytes(&[5, 1, 0]).await;
        assert_eq!(client.bytes(2).await.unwrap(), [5, 0]);
        client.send_bytes(&[5, 1, 0, 1, 127, 0, 0, 1, 0, 80]).await;
        assert_eq!(client.bytes(4).await.unwrap()[..2], [5, 4]);
        running.stop().await;
    }
}
