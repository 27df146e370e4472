//! A firewall that drops connection requests without an answer.

use std::future::pending;
use std::io;
use std::sync::Arc;

use crate::fault::{Fault, Serve};
use crate::full;
use crate::lab::Lab;

pub(crate) const FAULT: Fault = Fault {
    name: "tcp-drop",
    summary: "a port that never answers a connection request",
    causes: &["tcp-drop"],
    serve: Serve::Bound(|socket, lab| Box::pin(serve(full::listen(socket), lab))),
    ..Fault::PLAIN
};

async fn serve(full: io::Result<full::Full>, _: Arc<Lab>) -> io::Result<()> {
    let full = full?;
    pending::<()>().await;
    drop(full);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpStream;
    use tokio::time::timeout;

    use crate::testing::running;

    #[tokio::test]
    async fn a_connection_is_never_answered() {
        let running = running("tcp-drop").await;
        let attempt = timeout(
            Duration::from_millis(400),
            TcpStream::connect(running.address()),
        )
        .await;
        assert!(attempt.is_err(), "{attempt:?}");
        running.stop().await;
    }
}
