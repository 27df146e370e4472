//! A proxy that collects what the server sends and passes it on in one piece, at the end or when 8 KiB are full.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::response::Response;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-buffer",
    summary: "keeps what the server sends until 8 KiB are full or the end",
    causes: &["proxy-buffer"],
    kind: Kind::Middlebox,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let mark = |response: &mut Response| response.add("Via", "1.1 gateway.corp.test");
    let opened = relay::exchange_with(&mut stream, &lab, |_| {}, mark).await?;
    let Some(upstream) = opened else {
        return stream.finish().await;
    };

    let mut upstream = upstream;
    let mut kept = Vec::new();
    let mut up = [0; 4096];
    let mut down = [0; 4096];
    loop {
        tokio::select! {
            read = stream.read(&mut up) => match read? {
                0 => return Ok(()),
                count => upstream.write_all(&up[..count]).await?,
            },
            read = upstream.read(&mut down) => {
                let count = read?;
                kept.extend_from_slice(&down[..count]);
                if count == 0 || kept.len() >= KEPT_BYTES_MAX {
                    stream.write_all(&kept).await?;
                    kept.clear();
                }
                if count == 0 {
                    return stream.finish().await;
                }
            }
        }
    }
}

/// How much is kept at most.
const KEPT_BYTES_MAX: usize = 8 << 10;

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn echoes_come_in_one_piece_at_the_close() {
        let running = running("proxy-buffer").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::text(2), b"hi").await;
        assert!(client.is_silent().await);
        client.send_frame(FrameHeader::close(0), b"").await;
        assert_eq!(client.rest().await.unwrap(), [0x81, 2, b'h', b'i', 0x88, 0]);
        running.stop().await;
    }
}
