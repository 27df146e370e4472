//! A client's stream under HTTP, which ends when its reader takes nothing for too long.
//!
//! The HTTP server waits for ever for a reader. A WebSocket has its own patience, so this is taken off at the switch.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::stream::LegStream;

/// The stream and its patience.
#[derive(Debug)]
pub(crate) struct Guarded {
    stream: LegStream,
    patience: Duration,
    /// Runs only while a write waits.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Guarded {
    /// `patience` is how long a write may wait; a little is added, so that a session whose reader is slow can
    /// end by its own name first.
    pub(crate) fn new(stream: LegStream, patience: Duration) -> Self {
        Self {
            stream,
            patience: patience + GRACE,
            timer: None,
        }
    }

    /// The stream without it.
    pub(crate) fn into_inner(self) -> LegStream {
        self.stream
    }

    /// What a write came to, if it does not wait for too long.
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        wrote: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.timer = None;
            return wrote;
        }
        let patience = self.patience;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(patience)));
        timer
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::Error::new(io::ErrorKind::TimedOut, Stalled)))
    }
}

/// The reader took nothing.
#[derive(Debug, thiserror::Error)]
#[error("the reader takes nothing")]
struct Stalled;

/// Whether an error of the HTTP server comes from here.
pub(crate) fn is_stalled(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(inner) = inner
            && inner.is::<Stalled>()
        {
            return true;
        }
        next = error.source();
    }
    false
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.watch(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.watch(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.watch(cx, shut)
    }
}

/// What is added to the patience.
const GRACE: Duration = Duration::from_secs(1);
