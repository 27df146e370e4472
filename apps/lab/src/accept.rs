//! The accept loop of everything that the lab runs: a limit on connections, one task for each.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Serves connections for ever, at most so many at a time; further ones wait to be accepted. Dropping the future ends
/// all of them.
pub(crate) async fn accept<F, S>(listener: TcpListener, connections_max: usize, serve: F)
where
    F: Fn(TcpStream) -> S,
    S: Future<Output = io::Result<()>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(connections_max));
    let mut connections = JoinSet::new();
    loop {
        let place = Arc::clone(&places)
            .acquire_owned()
            .await
            .expect("never closed");
        match listener.accept().await {
            Ok((tcp, _)) => {
                let served = serve(tcp);
                connections.spawn(async move {
                    // A peer that goes away in the middle is everyday life of a lab.
                    served.await.ok();
                    drop(place);
                });
            }
            // Out of descriptors; connections that end will free some.
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// A stand-in that was killed comes back on its port at once.
pub(crate) fn listen_again(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// How long accepting rests when the process is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Connections that wait to be accepted.
const BACKLOG: u32 = 128;
