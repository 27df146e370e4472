//! A reverse proxy that forwards `Upgrade` but writes its own `Connection: close`.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-conn-close",
    summary: "a reverse proxy that forwards Upgrade but not Connection",
    causes: &["http-conn-close"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let exchange = relay::exchange_with(
        &mut stream,
        &lab,
        |request| {
            request.set("Connection", "close");
        },
        |response| {
            response.add("Server", "nginx/1.22.1");
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
    async fn the_server_complains_about_connection() {
        let answer = ask("http-conn-close", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(
            answer.contains("No CONNECTION upgrade hdr: close"),
            "{answer}"
        );
    }
}
