//! A debugging tool that set itself as the proxy of this machine and has been closed since.

use std::future::pending;
use std::io;
use std::sync::Arc;

use tokio::net::TcpSocket;

use crate::fault::{Fault, Kind, Serve};
use crate::lab::Lab;

pub(crate) const FAULT: Fault = Fault {
    name: "endpoint-devproxy",
    summary: "a proxy on this machine that is set and does not run",
    causes: &["endpoint-devproxy"],
    kind: Kind::Proxy { scheme: "http" },
    tls: true,
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
    async fn the_proxy_is_refused() {
        let running = running("endpoint-devproxy").await;
        assert!(running.proxy_url().is_some());
        let refused = TcpStream::connect(running.address()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        running.stop().await;
    }
}
