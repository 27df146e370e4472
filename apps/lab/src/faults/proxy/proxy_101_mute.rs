//! A proxy that takes the 101 for the whole answer: no frame passes, the connection stays.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::response::Response;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "proxy-101-mute",
    summary: "lets the 101 pass and no frame after it",
    causes: &["proxy-101-mute"],
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

    let muted = stream.hold().await;
    drop(upstream);
    muted
}

#[cfg(test)]
mod tests {
    use towpath_websocket::FrameHeader;

    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn nothing_comes_after_the_101() {
        let running = running("proxy-101-mute").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        client.send_frame(FrameHeader::text(2), b"hi").await;
        assert!(client.is_silent().await);
        running.stop().await;
    }
}
