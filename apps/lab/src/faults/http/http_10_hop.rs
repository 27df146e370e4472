//! An old proxy that speaks HTTP/1.0 to the server, where there is no upgrade.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-10-hop",
    summary: "a hop that speaks HTTP/1.0, so the upgrade is lost",
    causes: &["http-10-hop"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let exchange = relay::exchange_with(
        &mut stream,
        &lab,
        |request| {
            request.version = "HTTP/1.0";
            request.remove("upgrade");
            request.set("Connection", "close");
            request.set("Via", VIA);
        },
        |response| {
            response.set_version("HTTP/1.0");
            response.remove("upgrade");
            response.add("Via", VIA);
        },
    );
    match exchange.await? {
        Some(upstream) => relay::pass(stream, upstream).await,
        None => stream.finish().await,
    }
}

const VIA: &str = "1.0 cache.lab.test";

#[cfg(test)]
mod tests {
    use crate::testing::{HANDSHAKE, ask};

    #[tokio::test]
    async fn the_answer_is_http_1_0() {
        let answer = ask("http-10-hop", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.0 426 "), "{answer}");
        assert!(answer.contains("Via: 1.0 "), "{answer}");
    }
}
