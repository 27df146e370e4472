//! A reverse proxy that passes requests on without `Upgrade`, as nginx does unless told otherwise.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "http-upgrade-stripped",
    summary: "a reverse proxy that does not forward Upgrade",
    causes: &["http-upgrade-stripped"],
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
    async fn the_server_sees_a_plain_request() {
        let answer = ask("http-upgrade-stripped", HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.contains("Server: nginx/"), "{answer}");
    }
}
