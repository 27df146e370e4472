//! A port that is taken and not listened on, so that its number can be told before whoever listens has started.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpSocket;

/// A port of this machine.
pub(super) struct Held {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl Held {
    /// Takes this port, or any free one for port 0. Whoever shares addresses, as servers do, can listen on it.
    pub(super) fn take(address: SocketAddr) -> anyhow::Result<Self> {
        let take = || {
            let socket = if address.is_ipv4() {
                TcpSocket::new_v4()?
            } else {
                TcpSocket::new_v6()?
            };
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Ok::<_, std::io::Error>(Self {
                address: socket.local_addr()?,
                _socket: socket,
            })
        };
        take().with_context(|| format!("cannot listen on {address}"))
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets go of it: somebody listens by now.
    pub(super) fn release(self) -> SocketAddr {
        self.address
    }
}
