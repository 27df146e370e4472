//! Bytes from one leg to the other and back, as they are.
//!
//! One read and one write a wake-up. The bytes live on the stack of one poll: while nothing moves there is
//! no buffer, and only what a slow reader does not take is put aside, at most one read's worth. What is put aside
//! stops the reading of its side, which is the whole backpressure.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::Instant;

use super::boundary::Boundary;
use super::compress::Translate;
use crate::stream::LegStream;

/// Two legs and what is on its way between them.
#[derive(Debug)]
pub(super) struct Relay {
    client: LegStream,
    backend: LegStream,
    up: Direction,
    down: Direction,
    opened: Instant,
    first: Option<First>,
}

/// What began the end of a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// A close frame of the client, with its code.
    ClientClosed(Option<u16>),
    /// A close frame of the backend, with its code.
    BackendClosed(Option<u16>),
    /// The client's stream ended.
    ClientEnded,
    /// The backend's stream ended.
    BackendEnded,
}

/// One direction.
#[derive(Debug)]
struct Direction {
    state: State,
    /// Read and not yet written.
    aside: Bytes,
    /// Read before there was a relay, and not yet translated.
    first: Bytes,
    flush_due: bool,
    boundary: Boundary,
    bytes: u64,
    /// When its first bytes came, and its newest.
    came: Option<(Instant, Instant)>,
    /// What rewrites the frames; none where they go as they are.
    translate: Option<Box<dyn Translate>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Copying,
    /// The reading side has ended; its end is yet to be told.
    Ending,
    Ended,
}

/// Which leg broke a relay.
#[derive(Debug)]
pub(super) struct Broken {
    /// `client` or `backend`.
    pub(super) leg: &'static str,
    /// How.
    pub(super) error: io::Error,
}

impl Relay {
    /// `of_client` and `of_backend` are bytes that arrived before and come first.
    pub(super) fn new(
        client: LegStream,
        of_client: Bytes,
        backend: LegStream,
        of_backend: Bytes,
    ) -> Self {
        Self {
            client,
            backend,
            up: Direction::new(of_client),
            down: Direction::new(of_backend),
            opened: Instant::now(),
            first: None,
        }
    }

    /// When it opened.
    pub(super) fn opened(&self) -> Instant {
        self.opened
    }

    /// When the first and the newest bytes came up, and down.
    pub(super) fn came(&self) -> [Option<(Instant, Instant)>; 2] {
        [self.up.came, self.down.came]
    }

    /// What began its end, as far as it has begun.
    pub(super) fn first(&self) -> Option<First> {
        self.first
    }

    /// Of what one wake-up finds, a word goes before a break, and a break before an end.
    fn note_first(&mut self, breaks: bool) {
        let (up, down) = (&self.up, &self.down);
        self.first = if up.boundary.closed() {
            Some(First::ClientClosed(up.boundary.close_code()))
        } else if down.boundary.closed() {
            Some(First::BackendClosed(down.boundary.close_code()))
        } else if breaks {
            None
        } else if up.state != State::Copying {
            Some(First::ClientEnded)
        } else if down.state != State::Copying {
            Some(First::BackendEnded)
        } else {
            None
        };
    }

    /// Rewrites frames from now on. It must not be called once something was copied.
    pub(super) fn translate(&mut self, up: Box<dyn Translate>, down: Box<dyn Translate>) {
        for (way, translate) in [(&mut self.up, up), (&mut self.down, down)] {
            way.first = std::mem::take(&mut way.aside);
            way.bytes = 0;
            way.boundary = Boundary::default();
            way.translate = Some(translate);
        }
    }

    /// Bytes that went up and down, without what is put aside.
    pub(super) fn bytes(&self) -> [u64; 2] {
        [&self.up, &self.down].map(|way| way.bytes - way.aside.len() as u64)
    }

    /// Whether a reader has left bytes lying.
    pub(super) fn stalled(&self) -> bool {
        !self.up.aside.is_empty() || !self.down.aside.is_empty()
    }

    /// Whether one direction has ended.
    pub(super) fn half_ended(&self) -> bool {
        self.up.state != State::Copying || self.down.state != State::Copying
    }

    /// Whether a close frame went up behind one of [`Relay::end_down_with`].
    pub(super) fn close_answered(&self) -> bool {
        self.up.boundary.closed() && self.up.aside.is_empty() && self.down.aside.is_empty()
    }

    /// Tells the client that its stream ends here, as far as that goes without waiting.
    pub(super) fn shut_client(&mut self, cx: &mut Context<'_>) {
        let _ = Pin::new(&mut self.client).poll_shutdown(cx);
    }

    /// Ends the way down with these bytes (a close frame) where a frame may begin; whether it did.
    /// What the backend sends from now on is not handed on.
    pub(super) fn end_down_with(&mut self, frame: &'static [u8]) -> bool {
        let down = &mut self.down;
        let free = down.aside.is_empty() && down.state == State::Copying;
        if !free || !down.boundary.between_frames() || down.boundary.closed() {
            return false;
        }
        down.aside = Bytes::from_static(frame);
        down.bytes += frame.len() as u64;
        down.state = State::Ended;
        true
    }

    /// Copies what there is. Ready when both directions have ended, or at the first break.
    pub(super) fn poll_copy(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        let up = self.up.poll(cx, &mut self.client, &mut self.backend);
        let down = self.down.poll(cx, &mut self.backend, &mut self.client);
        if self.first.is_none() {
            let breaks = matches!(up, Poll::Ready(Err(_))) || matches!(down, Poll::Ready(Err(_)));
            self.note_first(breaks);
        }
        for (outcome, from, to) in [(up, "client", "backend"), (down, "backend", "client")] {
            match outcome {
                Poll::Ready(Err(End::Read(error))) => {
                    return Poll::Ready(Err(Broken { leg: from, error }));
                }
                Poll::Ready(Err(End::Write(error))) => {
                    return Poll::Ready(Err(Broken { leg: to, error }));
                }
                _ => {}
            }
        }
        let ended = |direction: &Direction| {
            direction.state == State::Ended && direction.aside.is_empty() && !direction.flush_due
        };
        if ended(&self.up) && ended(&self.down) {
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }
}

/// Which side of a direction failed.
enum End {
    Read(io::Error),
    Write(io::Error),
}

impl Direction {
    fn new(first: Bytes) -> Self {
        let mut boundary = Boundary::default();
        boundary.pass(&first);
        Self {
            state: State::Copying,
            bytes: first.len() as u64,
            came: (!first.is_empty()).then(|| (Instant::now(), Instant::now())),
            aside: first,
            first: Bytes::new(),
            flush_due: false,
            boundary,
            translate: None,
        }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut LegStream,
        to: &mut LegStream,
    ) -> Poll<Result<(), End>> {
        loop {
            while !self.aside.is_empty() {
                let wrote = ready!(Pin::new(&mut *to).poll_write(cx, &self.aside));
                let wrote = wrote.and_then(at_least_one).map_err(End::Write)?;
                self.aside.advance(wrote);
                self.flush_due = true;
                if self.aside.is_empty() {
                    self.aside = Bytes::new();
                }
            }
            if self.flush_due {
                ready!(Pin::new(&mut *to).poll_flush(cx)).map_err(End::Write)?;
                self.flush_due = false;
            }
            if self.translate.is_some() && self.state != State::Ended && self.go_on()? {
                continue;
            }
            match self.state {
                State::Copying => ready!(self.poll_read(cx, from, to))?,
                State::Ending => {
                    ready!(Pin::new(&mut *to).poll_shutdown(cx)).map_err(End::Write)?;
                    self.state = State::Ended;
                }
                State::Ended => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Whether something more was to be translated without a read.
    fn go_on(&mut self) -> Result<bool, End> {
        let Some(translate) = &mut self.translate else {
            return Ok(false);
        };
        let more = if self.first.is_empty() {
            translate.go_on().map_err(End::Read)?
        } else {
            let mut first = Vec::from(std::mem::take(&mut self.first));
            Some(translate.take(&mut first).map_err(End::Read)?)
        };
        let Some(more) = more else {
            return Ok(false);
        };
        self.put_aside(more.into());
        Ok(true)
    }

    fn put_aside(&mut self, bytes: Bytes) {
        self.boundary.pass(&bytes);
        self.bytes += bytes.len() as u64;
        self.aside = bytes;
    }

    /// One read, and one write of the same bytes while they are at hand.
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut LegStream,
        to: &mut LegStream,
    ) -> Poll<Result<(), End>> {
        let mut space = [const { MaybeUninit::uninit() }; READ_BYTES_MAX];
        let mut buffer = ReadBuf::uninit(&mut space);
        ready!(Pin::new(from).poll_read(cx, &mut buffer)).map_err(End::Read)?;
        if buffer.filled().is_empty() {
            self.state = State::Ending;
            return Poll::Ready(Ok(()));
        }
        let now = Instant::now();
        let first = self.came.map_or(now, |(first, _)| first);
        self.came = Some((first, now));
        if let Some(translate) = &mut self.translate {
            let out = translate.take(buffer.filled_mut()).map_err(End::Read)?;
            self.put_aside(out.into());
            return Poll::Ready(Ok(()));
        }
        let bytes = buffer.filled();
        self.boundary.pass(bytes);
        self.bytes += bytes.len() as u64;
        self.flush_due = true;
        let wrote = match Pin::new(to).poll_write(cx, bytes) {
            Poll::Ready(wrote) => wrote.and_then(at_least_one).map_err(End::Write)?,
            Poll::Pending => 0,
        };
        if wrote < bytes.len() {
            self.aside = Bytes::copy_from_slice(&bytes[wrote..]);
        }
        Poll::Ready(Ok(()))
    }
}

fn at_least_one(wrote: usize) -> io::Result<usize> {
    if wrote == 0 {
        return Err(io::ErrorKind::WriteZero.into());
    }
    Ok(wrote)
}

/// Most bytes of one read: a full TLS record.
const READ_BYTES_MAX: usize = 16 * 1024;
