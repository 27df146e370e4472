//! A line that takes time: bytes come out at the other end a while after they went in, in order.
//!
//! The line is long, not narrow: it holds what is under way.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::stream::Stream;

/// The same stream, further away by this time each way.
pub(super) fn delayed(far: Stream, one_way: Duration) -> Stream {
    let (near, own) = tokio::io::duplex(PIPE_BYTES);
    tokio::spawn(async move {
        let (far_read, far_write) = split(far);
        let (own_read, own_write) = split(own);
        // One side's end must not wait for the other's.
        tokio::select! {
            ended = line(own_read, far_write, one_way) => ended,
            ended = line(far_read, own_write, one_way) => ended,
        }
    });
    Stream::from(near)
}

async fn line(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    one_way: Duration,
) -> io::Result<()> {
    let (push, mut pull) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES_MAX);
    let reading = async move {
        loop {
            let mut piece = vec![0; PIECE_BYTES];
            let count = from.read(&mut piece).await?;
            piece.truncate(count);
            let due = Instant::now() + one_way;
            if count == 0 || push.send((due, piece)).await.is_err() {
                return Ok::<(), io::Error>(());
            }
        }
    };
    let writing = async move {
        while let Some((due, piece)) = pull.recv().await {
            sleep_until(due).await;
            to.write_all(&piece).await?;
            to.flush().await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(reading, writing)?;
    Ok(())
}

/// What the near end holds before its writer waits.
const PIPE_BYTES: usize = 64 << 10;
/// The most pieces under way in one direction.
const PIECES_MAX: usize = 256;
/// The longest piece.
const PIECE_BYTES: usize = 16 << 10;
