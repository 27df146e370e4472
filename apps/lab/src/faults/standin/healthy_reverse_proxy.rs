//! A reverse proxy that forwards the upgrade as it should.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "healthy-reverse-proxy",
    summary: "a reverse proxy that forwards the upgrade",
    kind: Kind::Middlebox,
    check: &["--echo"],
    serve: Serve::Stream(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    let opened = relay::exchange_with(
        &mut stream,
        &lab,
        |request| request.set("X-Forwarded-For", "127.0.0.1"),
        |response| response.add("Server", "nginx/1.31.5"),
    );
    match opened.await? {
        Some(upstream) => relay::pass(stream, upstream).await,
        None => stream.finish().await,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::assert_healthy;

    #[tokio::test]
    async fn echoes() {
        assert_healthy("healthy-reverse-proxy").await;
    }
}
