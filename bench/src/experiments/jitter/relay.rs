//! A TCP relay that can be cut: every connection is reset at both ends, and new ones are reset until it is back.

use anyhow::Result;
use std::net::SocketAddr;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// A relay in front of one server. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Relay {
    /// Where it listens.
    pub(super) address: SocketAddr,
    online: watch::Sender<bool>,
    acceptor: AbortHandle,
}

impl Relay {
    pub(super) async fn start(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (online, watched) = watch::channel(true);
        let acceptor = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, watched.clone()));
            }
        });
        Ok(Self {
            address,
            online,
            acceptor: acceptor.abort_handle(),
        })
    }

    /// Resets all connections, and each that comes, until [`Self::go_online`].
    pub(super) fn go_offline(&mut self) {
        self.online.send_replace(false);
    }

    pub(super) fn go_online(&mut self) {
        self.online.send_replace(true);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

async fn carry(mut client: TcpStream, server: SocketAddr, mut online: watch::Receiver<bool>) {
    // What fails here fails like a broken network; nobody is told more.
    if !*online.borrow_and_update() {
        let _ = client.set_zero_linger();
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = online.changed() => {
            let _ = (client.set_zero_linger(), server.set_zero_linger());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.into_split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        address
    }

    #[tokio::test]
    async fn a_cut_is_a_reset_and_lasts() {
        let mut relay = Relay::start(echo().await).await.unwrap();
        let mut stream = TcpStream::connect(relay.address).await.unwrap();
        stream.write_all(b"a").await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'a');
        relay.go_offline();
        assert_eq!(
            stream.read_u8().await.unwrap_err().kind(),
            ErrorKind::ConnectionReset
        );
        let mut refused = TcpStream::connect(relay.address).await.unwrap();
        assert!(refused.read_u8().await.is_err());
        relay.go_online();
        let mut stream = TcpStream::connect(relay.address).await.unwrap();
        stream.write_all(b"b").await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'b');
    }
}
