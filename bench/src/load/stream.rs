//! A TCP or TLS connection that is polled, so that one buffer can serve all connections.

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;

/// Source addresses that connections are spread over: each has some 28,000 ports.
const SOURCES: u8 = 8;

#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Connects from the source address that `index` falls on.
    pub(super) async fn open(
        address: SocketAddr,
        index: usize,
        tls: Option<Arc<ClientConfig>>,
    ) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        let last = u8::try_from(index % usize::from(SOURCES)).expect("a remainder of a byte");
        socket.bind((Ipv4Addr::new(127, 0, 0, 2 + last), 0).into())?;
        // Breaking off leaves no port behind that waits for a minute.
        socket.set_zero_linger()?;
        let tcp = socket.connect(address).await?;
        tcp.set_nodelay(true)?;
        let Some(config) = tls else {
            return Ok(Self::Plain(tcp));
        };
        let name = ServerName::try_from("localhost").expect("a valid name");
        let stream = tokio_rustls::TlsConnector::from(config)
            .connect(name, tcp)
            .await?;
        Ok(Self::Tls(Box::new(stream)))
    }

    /// Reads once into `buffer`; zero bytes at the end.
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        let polled = match self {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(context, &mut buffer),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_read(context, &mut buffer),
        };
        polled.map_ok(|()| buffer.filled().len())
    }

    /// Writes as much of `bytes` as is taken, and empties the TLS layer.
    pub(super) fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        bytes: &mut Vec<u8>,
    ) -> Poll<io::Result<()>> {
        while !bytes.is_empty() {
            let written = match self {
                Self::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
                Self::Tls(tls) => Pin::new(tls.as_mut()).poll_write(context, bytes),
            };
            match written {
                Poll::Ready(Ok(count)) if count == bytes.len() => bytes.clear(),
                Poll::Ready(Ok(count)) => drop(bytes.drain(..count)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        match self {
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(context),
        }
    }
}
