//! A firewall that treats what follows the 101 as a body and sends it in chunks, so no frame is one.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-waf-wrapper",
    summary: "a firewall that wraps what follows the 101 into chunks",
    causes: &["http-waf-wrapper"],
    kind: Kind::Middlebox,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let exchange = relay::exchange(&mut stream, &lab, |_| {});
    let Some(mut upstream) = exchange.await? else {
        return stream.finish().await;
    };
    let mut up = [0; 4096];
    let mut down = [0; 4096];
    loop {
        tokio::select! {
            read = stream.read(&mut up) => match read? {
                0 => return stream.finish().await,
                count => upstream.write_all(&up[..count]).await?,
            },
            read = upstream.read(&mut down) => match read? {
                0 => return stream.finish().await,
                count => {
                    let mut chunk = format!("{count:x}\r\n").into_bytes();
                    chunk.extend_from_slice(&down[..count]);
                    chunk.extend_from_slice(b"\r\n");
                    stream.write_all(&chunk).await?;
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn frames_come_in_chunks() {
        let running = running("http-waf-wrapper").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::text(2), b"hi").await;
        assert_eq!(client.bytes(9).await.unwrap(), b"4\r\n\x81\x02hi\r\n");
        running.stop().await;
    }
}
