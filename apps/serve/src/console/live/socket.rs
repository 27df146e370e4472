//! One page's WebSocket, from its switch to its end.

use std::future::poll_fn;
use std::io;
use std::time::Duration;

use http::HeaderMap;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval, timeout};
use towpath_transport::socket::Socket;
use towpath_websocket::{CloseCode, Opcode, Piece, Role};

use super::super::Console;
use super::update::Update;
use crate::reports::News;

/// Sends what is new until the page leaves, the login ends or the gateway drains.
pub(super) async fn run<S>(console: &Console, headers: &HeaderMap, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut socket = Socket::new(stream, Role::Server, MESSAGE_BYTES_MAX);
    let code = match talk(console, headers, &mut socket).await {
        Ok(code) => code,
        Err(error) => {
            tracing::debug!(%error, "live updates broke");
            return;
        }
    };
    socket.queue_close(Some(code), b"");
    let ended = timeout(GOODBYE, poll_fn(|cx| socket.poll_shutdown(cx))).await;
    drop(ended);
}

/// The code to close with.
async fn talk<S>(
    console: &Console,
    headers: &HeaderMap,
    socket: &mut Socket<S>,
) -> io::Result<CloseCode>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut news = console.gateway.reports.watch();
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut update = Update::first(&console.gateway);
    let mut scratch = [0; SCRATCH_BYTES];
    loop {
        tokio::select! {
            () = gather(&mut news, &mut update) => {}
            _ = beat.tick() => {
                if !console.is_open_to(headers) {
                    return Ok(LOGIN_IS_OVER);
                }
                if let Some(text) = update.take(&console.gateway) {
                    socket.queue_with(Opcode::Text, |queue| queue.extend(text.into_bytes()));
                    let flushed = timeout(SLOW, poll_fn(|cx| socket.poll_flush(cx))).await;
                    flushed.map_err(io::Error::other)??;
                }
            }
            closed = closed(socket, &mut scratch) => {
                if closed? {
                    return Ok(CloseCode::NORMAL);
                }
            }
            () = console.gateway.drain.begun() => return Ok(CloseCode::GOING_AWAY),
        }
    }
}

/// Takes one piece of news. Where there were more than are kept for a slow page, it is told to read all again.
async fn gather(news: &mut Receiver<News>, update: &mut Update) {
    match news.recv().await {
        Ok(news) => update.add(&news),
        Err(RecvError::Lagged(_)) => update.missed(),
        Err(RecvError::Closed) => std::future::pending().await,
    }
}

/// Reads once: nothing that a page says has a meaning here but its close.
async fn closed<S>(socket: &mut Socket<S>, scratch: &mut [u8]) -> io::Result<bool>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut closed = false;
    let take = |piece: Piece<'_>| closed |= matches!(piece, Piece::Close(_));
    let mut take = take;
    let read = poll_fn(|cx| socket.poll_pieces(cx, scratch, &mut take)).await;
    let read = read.map_err(io::Error::other)?;
    Ok(closed || read == 0)
}

/// Between two messages.
const BEAT: Duration = Duration::from_millis(500);

/// For a reader that takes nothing.
const SLOW: Duration = Duration::from_secs(30);

/// For the last words.
const GOODBYE: Duration = Duration::from_secs(3);

/// A message of a page; none has a meaning.
const MESSAGE_BYTES_MAX: u64 = 1024;

/// Bytes of one read.
const SCRATCH_BYTES: usize = 512;

/// The page has to ask for the token again.
const LOGIN_IS_OVER: CloseCode = CloseCode(4401);
