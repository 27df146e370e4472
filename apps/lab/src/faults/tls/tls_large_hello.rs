//! A middlebox that cannot put a ClientHello of two segments together and resets it.

use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Serve};
use crate::hello;
use crate::lab::Lab;
use crate::server;
use crate::stream::Stream;

pub(crate) const FAULT: Fault = Fault {
    name: "tls-large-hello",
    summary: "a middlebox that resets a ClientHello over 1400 bytes",
    causes: &["tls-large-hello"],
    tls: true,
    serve: Serve::Accepted(|stream, lab| Box::pin(serve(stream, lab))),
    ..Fault::PLAIN
};

async fn serve(mut stream: Stream, lab: Arc<Lab>) -> io::Result<()> {
    match hello::Hello::peek(&mut stream).await? {
        Some(hello) if hello.length > HELLO_BYTES_MAX => stream.reset(),
        _ => server::serve_healthy(stream, lab.authority.server()?).await,
    }
}

/// What fits one segment.
const HELLO_BYTES_MAX: usize = 1400;

#[cfg(test)]
mod tests {
    use crate::testing::{Client, running};

    #[tokio::test]
    async fn a_post_quantum_hello_is_reset_and_a_small_one_passes() {
        let running = running("tls-large-hello").await;
        let filtered = Client::plain(&running)
            .await
            .over_tls(&running, "localhost")
            .await;
        assert_eq!(
            filtered.err().expect("a reset").kind(),
            std::io::ErrorKind::ConnectionReset
        );
        let small = Client::plain(&running).await.over_tls12(&running).await;
        assert!(small.is_ok());
        running.stop().await;
    }
}
