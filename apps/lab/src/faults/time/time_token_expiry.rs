//! A server that lets everybody in and then sends away whose token has expired.

use std::io;
use std::sync::Arc;

use crate::echo;
use crate::fault::{Fault, Serve};
use crate::frames;
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "time-token-expiry",
    summary: "accepts the handshake and closes with 4401 for an expired token",
    causes: &["time-token-expiry"],
    check: &[
        "--token",
        "eyJhbGciOiJub25lIn0.eyJleHAiOjEwMDAwMDAwMDB9.bGFi",
    ],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    let Some(request) = origin::next_upgrade(&mut stream).await? else {
        return stream.finish().await;
    };
    echo::accept(&request).write(&mut stream).await?;
    frames::close(stream, 4401, "Unauthorized").await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn closes_after_opening() {
        let running = running("time-token-expiry").await;
        let mut client = Client::of(&running).await;
        assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 101 "));
        assert_eq!(
            client.bytes(16).await.unwrap(),
            b"\x88\x0e\x11\x31Unauthorized"
        );
        running.stop().await;
    }
}
