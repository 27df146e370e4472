//! A reverse proxy whose template fills `Upgrade` with the value meant for `Connection`.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-upgrade-empty",
    summary: "a reverse proxy that sends Upgrade: upgrade",
    causes: &["http-upgrade-empty"],
    kind: Kind::Middlebox,
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let exchange = relay::exchange_with(
        &mut stream,
        &lab,
        |request| {
            request.set("Upgrade", "upgrade");
        },
        |response| {
            response.add("Server", "nginx/1.31.5");
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
    async fn the_server_complains_about_upgrade() {
        let answer = ask("http-upgrade-empty", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(
            answer.contains("No WebSocket UPGRADE hdr: upgrade"),
            "{answer}"
        );
    }
}
