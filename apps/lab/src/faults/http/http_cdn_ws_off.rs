//! A CDN whose WebSocket switch is off: the origin gets an ordinary request.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-cdn-ws-off",
    summary: "a CDN with its WebSocket switch off",
    causes: &["http-cdn-ws-off"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let exchange = relay::exchange_with(
        &mut stream,
        &lab,
        |request| {
            request.remove("upgrade");
            request.remove("connection");
        },
        |response| {
            response.remove("upgrade");
            response.add("Server", "cloudflare");
            response.add("CF-RAY", "8a1b2c3d4e5f6a7b-LAB");
            response.add("CF-Cache-Status", "DYNAMIC");
        },
    );
    match exchange.await? {
        Some(upstream) => relay::pass(stream, upstream).await,
        None => stream.finish().await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask};

    #[tokio::test]
    async fn the_origins_plain_answer_comes_through_the_cdn() {
        let answer = ask("http-cdn-ws-off", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.contains("CF-RAY: "), "{answer}");
    }
}
