//! The byte stream of one leg: TCP, TLS over it, or one stream of an HTTP/2 connection.
//!
//! Known types instead of a trait object, so that a relay can read when there is something to read
//! and own no buffer otherwise. It must never buffer by itself.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

use crate::admit::count::Permit;

/// A stream in both directions. An end without TLS `close_notify` reads as an ordinary end.
#[derive(Debug)]
pub(crate) struct LegStream {
    kind: Kind,
    /// A client's place in the count of connections, which it holds as long as it is open.
    _permit: Option<Arc<Permit>>,
}

#[derive(Debug)]
enum Kind {
    Plain(TcpStream),
    /// Either side's.
    Tls(Box<TlsStream<TcpStream>>),
    /// After extended CONNECT (RFC 8441).
    Http2(Box<TokioIo<Upgraded>>),
}

impl LegStream {
    /// TCP.
    pub(crate) fn plain(stream: TcpStream) -> Self {
        Self::of(Kind::Plain(stream))
    }

    /// TLS over TCP.
    pub(crate) fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self::of(Kind::Tls(Box::new(stream)))
    }

    /// One stream of an HTTP/2 connection.
    pub(crate) fn http2(stream: Upgraded) -> Self {
        Self::of(Kind::Http2(Box::new(TokioIo::new(stream))))
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind,
            _permit: None,
        }
    }

    /// The same, counted as a client's connection until it is dropped.
    pub(crate) fn counted(self, permit: Arc<Permit>) -> Self {
        Self {
            _permit: Some(permit),
            ..self
        }
    }
}

impl AsyncRead for LegStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = match &mut self.get_mut().kind {
            Kind::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Kind::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
            Kind::Http2(stream) => Pin::new(stream).poll_read(cx, buffer),
        };
        match read {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }
}

impl AsyncWrite for LegStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().kind {
            Kind::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Kind::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
            Kind::Http2(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().kind {
            Kind::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
            Kind::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
            Kind::Http2(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        !matches!(self.kind, Kind::Http2(_))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().kind {
            Kind::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Kind::Http2(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().kind {
            Kind::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Kind::Http2(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
