//! A byte stream of any depth: TCP, TLS over a stream, or a pipe inside this process.
//!
//! Bytes read too far can be put back, and a connection can be reset instead of closed. Nothing here may
//! look at what the bytes mean.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsStream;

/// A byte stream with room for bytes that were read too far.
#[derive(Debug)]
pub(crate) struct Stream {
    transport: Transport,
    unread: Vec<u8>,
}

#[derive(Debug)]
enum Transport {
    Tcp(TcpStream),
    Tls(Box<TlsStream<Stream>>),
    Pipe(DuplexStream),
}

impl Stream {
    /// Puts bytes back in front of everything still to be read.
    pub(crate) fn put_back(&mut self, bytes: &[u8]) {
        self.unread.splice(0..0, bytes.iter().copied());
    }

    /// Ends the connection with a TCP reset. A pipe has none and is dropped.
    pub(crate) fn reset(self) -> io::Result<()> {
        match self.tcp() {
            Some(tcp) => tcp.set_zero_linger(),
            None => Ok(()),
        }
    }

    /// Says that no more bytes come, then reads what the peer still sends, so that the end is a FIN and not
    /// the reset a kernel sends for unread data.
    pub(crate) async fn finish(mut self) -> io::Result<()> {
        self.shutdown().await?;
        let mut sink = [0; 4096];
        let mut left = DRAIN_BYTES_MAX;
        let drained = timeout(DRAIN_TIME_MAX, async {
            while left > 0 {
                match self.read(&mut sink).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => left = left.saturating_sub(count),
                }
            }
        });
        drained.await.ok();
        Ok(())
    }

    /// Keeps the connection open and takes what the peer sends, without an answer, until the peer leaves.
    pub(crate) async fn hold(mut self) -> io::Result<()> {
        let mut sink = [0; 4096];
        while self.read(&mut sink).await? > 0 {}
        Ok(())
    }

    /// The TCP connection below, if there is one.
    pub(crate) fn tcp(&self) -> Option<&TcpStream> {
        match &self.transport {
            Transport::Tcp(tcp) => Some(tcp),
            Transport::Tls(tls) => tls.get_ref().0.tcp(),
            Transport::Pipe(_) => None,
        }
    }

    /// Whether HTTP/2 was agreed on in TLS.
    pub(crate) fn is_http2(&self) -> bool {
        match &self.transport {
            Transport::Tls(tls) => tls.get_ref().1.alpn_protocol() == Some(b"h2"),
            Transport::Tcp(_) | Transport::Pipe(_) => false,
        }
    }

    /// The certificate the peer of a TLS connection showed, in DER.
    #[cfg(test)]
    pub(crate) fn peer_certificate(&self) -> Option<Vec<u8>> {
        let Transport::Tls(tls) = &self.transport else {
            return None;
        };
        let leaf = tls.get_ref().1.peer_certificates()?.first()?;
        Some(leaf.to_vec())
    }
}

impl From<TcpStream> for Stream {
    fn from(tcp: TcpStream) -> Self {
        Self {
            transport: Transport::Tcp(tcp),
            unread: Vec::new(),
        }
    }
}

impl From<DuplexStream> for Stream {
    fn from(pipe: DuplexStream) -> Self {
        Self {
            transport: Transport::Pipe(pipe),
            unread: Vec::new(),
        }
    }
}

impl From<TlsStream<Self>> for Stream {
    fn from(tls: TlsStream<Self>) -> Self {
        Self {
            transport: Transport::Tls(Box::new(tls)),
            unread: Vec::new(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let count = self.unread.len().min(buffer.remaining());
            buffer.put_slice(&self.unread[..count]);
            self.unread.drain(..count);
            return Poll::Ready(Ok(()));
        }
        match &mut self.transport {
            Transport::Tcp(tcp) => Pin::new(tcp).poll_read(context, buffer),
            Transport::Tls(tls) => Pin::new(tls.as_mut()).poll_read(context, buffer),
            Transport::Pipe(pipe) => Pin::new(pipe).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Tcp(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Transport::Tls(tls) => Pin::new(tls.as_mut()).poll_write(context, bytes),
            Transport::Pipe(pipe) => Pin::new(pipe).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Tcp(tcp) => Pin::new(tcp).poll_flush(context),
            Transport::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(context),
            Transport::Pipe(pipe) => Pin::new(pipe).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Tcp(tcp) => Pin::new(tcp).poll_shutdown(context),
            Transport::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(context),
            Transport::Pipe(pipe) => Pin::new(pipe).poll_shutdown(context),
        }
    }
}

/// The most that is read from a peer after our last byte.
const DRAIN_BYTES_MAX: usize = 1 << 20;
/// The longest a peer may take to close after our last byte.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(2);
