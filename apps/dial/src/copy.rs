//! Bytes from the local client to the remote and back, as they are: pings, fragments and compression pass unseen.
//!
//! One read and one write a wake-up; while nothing moves there is no buffer. What a slow reader does not take stops the
//! reading of its other side. A half close and a reset are passed on. It must never change a byte that either side sent.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use towpath_net::Stream;

use crate::answer;
use crate::boundary::Boundary;
use crate::event::{By, End};
use crate::limits::{Limits, READ_BYTES_MAX};
use crate::stop::Stop;

/// Copies until both directions have ended, one side breaks, or the endpoint ends. `first` are bytes of the client that
/// came before.
pub(crate) async fn copy(
    mut local: TcpStream,
    first: Bytes,
    remote: Stream,
    stop: &Stop,
    limits: &Limits,
) -> End {
    let (up, down) = (
        Way::new(By::Local, CLOSE_MASKED),
        Way::new(By::Remote, CLOSE),
    );
    let broken = {
        let (of_remote, to_remote) = &mut tokio::io::split(remote);
        let (of_local, to_local) = &mut local.split();
        let both = async {
            tokio::try_join!(
                up.run(of_local, to_remote, first, stop),
                down.run(of_remote, to_local, Bytes::new(), stop),
            )
        };
        tokio::select! {
            both = both => both.err(),
            () = stopped(stop, limits) => None,
            () = abandoned(&up, &down, limits) => None,
        }
    };
    let (up, down) = (up.seen(), down.seen());
    let is_ours = up.stopped || down.stopped;
    if broken.is_some_and(|by| by == By::Remote) && down.code.is_none() && down.is_quiet() {
        // The remote broke off without an end; so does this.
        let _ = local.set_zero_linger();
    } else if is_ours {
        let _ = local.shutdown().await;
        answer::linger(&mut local).await;
    }
    let is_local = match broken {
        Some(by) => by == By::Local,
        None => up.ended_at <= down.ended_at,
    };
    let (by, first, other) = if is_local {
        (By::Local, up, down)
    } else {
        (By::Remote, down, up)
    };
    End {
        by: if is_ours { By::Dial } else { by },
        code: match first.code.or(other.code) {
            Some(code) => code,
            None if is_ours => 1001,
            None => 1006,
        },
        reason: String::new(),
    }
}

/// Comes true when the time to end is over.
async fn stopped(stop: &Stop, limits: &Limits) {
    stop.begun().await;
    sleep(limits.end_time).await;
}

/// Comes true when one direction has ended and nothing moved in the other for a while: the end was not answered.
async fn abandoned(up: &Way, down: &Way, limits: &Limits) {
    let moved = || up.seen().bytes + down.seen().bytes;
    loop {
        let before = moved();
        sleep(limits.close_time * HALF_CLOSED_TIMES).await;
        let is_half = up.seen().over || down.seen().over;
        if is_half && before == moved() {
            return;
        }
    }
}

/// One direction.
struct Way {
    /// Whose bytes they are.
    from: By,
    /// The close frame that ends it between two frames.
    close: &'static [u8],
    /// Held for no longer than it takes to look.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    boundary: Boundary,
    bytes: u64,
    /// Nothing more will be written.
    over: bool,
    /// This endpoint ended it.
    stopped: bool,
    ended_at: Option<Instant>,
    /// When bytes went by last.
    moved_at: Option<Instant>,
}

/// What became of a direction.
struct Seen {
    bytes: u64,
    over: bool,
    stopped: bool,
    /// The code of the close frame that went by.
    code: Option<u16>,
    /// Far in the future while it has not ended, so that the first of two is the lesser.
    ended_at: (bool, Option<Instant>),
    moved_at: Option<Instant>,
}

impl Seen {
    /// Whether the reader has had time to take what went by. A reset would take from it what it has not.
    fn is_quiet(&self) -> bool {
        self.moved_at.is_none_or(|at| at.elapsed() > QUIET_TIME)
    }
}

impl Way {
    fn new(from: By, close: &'static [u8]) -> Self {
        Self {
            from,
            close,
            state: Mutex::default(),
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().expect("nobody panics while holding it"))
    }

    fn seen(&self) -> Seen {
        self.with(|state| Seen {
            bytes: state.bytes,
            over: state.over,
            stopped: state.stopped,
            code: state.boundary.close_code(),
            ended_at: (state.ended_at.is_none(), state.ended_at),
            moved_at: state.moved_at,
        })
    }

    /// Goes on behind these bytes.
    fn pass(&self, bytes: &[u8]) {
        self.with(|state| {
            state.boundary.pass(bytes);
            state.bytes += bytes.len() as u64;
            if !bytes.is_empty() {
                state.moved_at = Some(Instant::now());
            }
            if state.boundary.closed() {
                state.ended_at.get_or_insert_with(Instant::now);
            }
        });
    }

    /// Copies until either side of it has ended, and tells the writing side. The error is the reading side that broke.
    ///
    /// A writing side that takes nothing more ends this direction alone: what it has sent may still be on its way.
    async fn run(
        &self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        first: Bytes,
        stop: &Stop,
    ) -> Result<(), By> {
        let mut stopping = false;
        self.pass(&first);
        let mut rest = Vec::from(first);
        loop {
            let written = async {
                if !rest.is_empty() {
                    to.write_all(&rest).await?;
                }
                to.flush().await
            };
            if written.await.is_err() {
                self.with(|state| state.over = true);
                return Ok(());
            }
            // A side that never pauses would keep the wait below from ever looking.
            stopping = stopping || stop.has_begun();
            if stopping && self.with(|state| state.boundary.between_frames()) {
                self.stop_here(to).await;
                return Ok(());
            }
            let moved = tokio::select! {
                biased;
                moved = poll_fn(|cx| self.poll_move(cx, from, to)) => moved.map_err(|_| self.from)?,
                () = stop.begun(), if !stopping => {
                    stopping = true;
                    Moved::Rest(Vec::new())
                }
            };
            match moved {
                Moved::Rest(left) => rest = left,
                Moved::End => {
                    self.end(to).await;
                    return Ok(());
                }
            }
        }
    }

    /// Puts a close frame behind the last frame, unless there is one.
    async fn stop_here(&self, to: &mut (impl AsyncWrite + Unpin)) {
        self.with(|state| state.stopped = true);
        if self.seen().code.is_none() {
            // Bounded by whoever waits for the end; whoever is gone cannot be told.
            let _ = to.write_all(self.close).await;
            let _ = to.flush().await;
        }
    }

    async fn end(&self, to: &mut (impl AsyncWrite + Unpin)) {
        self.with(|state| {
            state.over = true;
            state.ended_at.get_or_insert_with(Instant::now);
        });
        let _ = timeout(SHUTDOWN_TIME, to.shutdown()).await;
    }

    /// One read, and one write of the same bytes while they are at hand.
    fn poll_move(
        &self,
        cx: &mut Context<'_>,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
    ) -> Poll<io::Result<Moved>> {
        let mut space = [const { MaybeUninit::uninit() }; READ_BYTES_MAX];
        let mut buffer = ReadBuf::uninit(&mut space);
        ready!(Pin::new(from).poll_read(cx, &mut buffer))?;
        let bytes = buffer.filled();
        if bytes.is_empty() {
            return Poll::Ready(Ok(Moved::End));
        }
        self.pass(bytes);
        // A failed write fails again where the rest is written.
        let wrote = match Pin::new(to).poll_write(cx, bytes) {
            Poll::Ready(Ok(wrote)) => wrote,
            _ => 0,
        };
        Poll::Ready(Ok(Moved::Rest(bytes[wrote..].to_vec())))
    }
}

/// What a wake-up did.
enum Moved {
    /// What was read and is yet to be written.
    Rest(Vec<u8>),
    /// The reading side has ended.
    End,
}

/// 1001, going away, as a server sends it.
const CLOSE: &[u8] = &[0x88, 0x02, 0x03, 0xe9];

/// The same as a client sends it. The mask hides nothing that a script chose.
const CLOSE_MASKED: &[u8] = &[0x88, 0x82, 0x5a, 0xa5, 0x3c, 0xc3, 0x59, 0x4c];

/// A direction that stands open alone is given up after this many times the wait for a close.
const HALF_CLOSED_TIMES: u32 = 10;

/// For a reader to take what went by.
const QUIET_TIME: Duration = Duration::from_secs(1);

/// For the last bytes of TLS.
const SHUTDOWN_TIME: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
