//! A security proxy that lets the 101 through and resets the connection at the client's first frame.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncReadExt;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-101-rst",
    summary: "lets the 101 pass, then resets the connection at the first client frame",
    causes: &["proxy-101-rst"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut client: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let opened = relay::exchange_with(
        &mut client,
        &lab,
        |request| request.set("Via", VIA),
        |response| response.add("Via", VIA),
    );
    let Some(mut upstream) = opened.await? else {
        return client.finish().await;
    };
    // The server may speak first; only the client's frames are not understood.
    let mut first = [0; 1];
    loop {
        let mut piece = [0; 4096];
        tokio::select! {
            read = client.read(&mut first) => {
                return if read? == 0 { client.finish().await } else { client.reset() };
            }
            read = upstream.read(&mut piece) => {
                let count = read?;
                if count == 0 {
                    return client.finish().await;
                }
                tokio::io::AsyncWriteExt::write_all(&mut client, &piece[..count]).await?;
            }
        }
    }
}

const VIA: &str = "1.1 gateway.corp.test";

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, GET_PAGE, HANDSHAKE, ask, running};

    #[tokio::test]
    async fn stays_open_in_silence_and_dies_at_the_first_frame() {
        let running = running("proxy-101-rst").await;
        let mut client = Client::of(&running).await;
        let answer = client.ask(HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.contains("Via: "), "{answer}");
        assert!(client.is_silent().await);
        client.send_frame(FrameHeader::text(1), b"x").await;
        assert_eq!(
            client.rest().await.unwrap_err().kind(),
            ErrorKind::ConnectionReset
        );
        running.stop().await;
    }

    #[tokio::test]
    async fn lets_pages_pass() {
        assert!(
            ask("proxy-101-rst", GET_PAGE)
                .await
                .starts_with("HTTP/1.1 200 ")
        );
    }
}
