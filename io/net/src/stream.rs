//! The byte stream that an opened connection leaves behind, whatever carries it.
//!
//! It must never lose bytes that arrived together with a response head.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a [`Stream`] may wrap.
pub trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carrier for T {}

/// A stream in both directions over TCP, TLS, a tunnel or one HTTP/2 stream.
///
/// An end without TLS `close_notify` reads as an ordinary end (`Ok(0)`); a reset stays an error.
pub struct Stream {
    inner: Box<dyn Carrier>,
    unread: Bytes,
}

impl Stream {
    /// Wraps a carrier.
    pub fn new(carrier: impl Carrier + 'static) -> Self {
        Self {
            inner: Box::new(carrier),
            unread: Bytes::new(),
        }
    }

    /// Gives bytes back, to be read again before anything else.
    pub fn unread(&mut self, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        if self.unread.is_empty() {
            self.unread = bytes;
        } else {
            let mut joined = Vec::with_capacity(bytes.len() + self.unread.len());
            joined.extend_from_slice(&bytes);
            joined.extend_from_slice(&self.unread);
            self.unread = joined.into();
        }
    }

    /// How many bytes were given back and not read again.
    pub fn unread_bytes(&self) -> usize {
        self.unread.len()
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stream({} bytes given back)", self.unread.len())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let length = self.unread.len().min(buf.remaining());
            buf.put_slice(&self.unread[..length]);
            self.unread.advance(length);
            return Poll::Ready(Ok(()));
        }
        match Pin::new(&mut self.inner).poll_read(cx, buf) {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn bytes_given_back_come_first_and_in_order() {
        let (near, mut far) = tokio::io::duplex(64);
        far.write_all(b"c").await.unwrap();
        drop(far);
        let mut stream = Stream::new(near);
        stream.unread(Bytes::from_static(b"b"));
        stream.unread(Bytes::from_static(b"a"));
        let mut all = String::new();
        stream.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "abc");
    }
}
