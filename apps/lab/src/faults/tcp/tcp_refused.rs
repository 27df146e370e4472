//! A port on which nobody listens.

use std::future::pending;
use std::io;
use std::sync::Arc;

use tokio::net::TcpSocket;

use crate::fault::{Fault, Serve};
use crate::lab::Lab;

pub(crate) const FAULT: Fault = Fault {
    name: "tcp-refused",
    summary: "a port on which nobody listens",
    causes: &["tcp-refused"],
    serve: Serve::Bound(|socket, lab| Box::pin(serve(socket, lab))),
    ..Fault::PLAIN
};

async fn serve(socket: TcpSocket, _: Arc<Lab>) -> io::Result<()> {
    // Bound without listening, so that nobody else can take the port.
    pending::<()>().await;
    drop(socket);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use tokio::net::TcpStream;

    use crate::testing::running;

    #[tokio::test]
    async fn is_refused() {
        let running = running("tcp-refused").await;
        let refused = TcpStream::connect(running.address()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        running.stop().await;
    }
}
