//! A transparent proxy that completes every connection itself and then says nothing.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Serve};
use crate::lab::Lab;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tcp-fake-accept",
    summary: "accepts in the server's place and stays silent",
    causes: &["tcp-fake-accept"],
    on_loopback: false,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(stream: Stream, _: Arc<Lab>) -> io::Result<()> {
    stream.hold().await
}

#[cfg(test)]
mod tests {
    use crate::testing::{Client, HANDSHAKE, running};

    #[tokio::test]
    async fn no_byte_ever_comes() {
        let running = running("tcp-fake-accept").await;
        let mut client = Client::plain(&running).await;
        client.send(HANDSHAKE).await;
        assert!(client.is_silent().await);
        running.stop().await;
    }
}
