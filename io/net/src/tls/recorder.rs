//! Keeps the first bytes that a peer sent below TLS, since a library only says "not TLS".

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes are kept.
const KEPT_BYTES_MAX: usize = 64;

/// The first bytes read, shared with whoever asks after the attempt.
#[derive(Debug, Clone, Default)]
pub struct FirstBytes(Arc<Mutex<Vec<u8>>>);

impl FirstBytes {
    /// A copy of what was read so far, at most 64 bytes.
    pub fn get(&self) -> Vec<u8> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = bytes.to_vec();
    }
}

/// Passes everything on and keeps the first bytes read.
///
/// The first read asks for as much as is kept, since a library may ask for one record header only.
#[derive(Debug)]
pub struct Recorder<S> {
    inner: S,
    first: FirstBytes,
    ahead: Option<Vec<u8>>,
}

impl<S> Recorder<S> {
    /// Records into `first`.
    pub fn new(inner: S, first: FirstBytes) -> Self {
        Self {
            inner,
            first,
            ahead: None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Recorder<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let ahead = if let Some(ahead) = &mut this.ahead {
            ahead
        } else {
            let mut kept = [0; KEPT_BYTES_MAX];
            let mut first = ReadBuf::new(&mut kept);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut first))?;
            this.first.set(first.filled());
            this.ahead.insert(first.filled().to_vec())
        };
        if ahead.is_empty() {
            return Pin::new(&mut this.inner).poll_read(cx, buf);
        }
        let length = ahead.len().min(buf.remaining());
        buf.put_slice(&ahead[..length]);
        ahead.drain(..length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recorder<S> {
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
