//! Bytes both ways: an open WebSocket, or a connection whose TLS goes through untouched.
//!
//! Frames are not understood here, as in the networks this imitates.

use std::sync::Mutex;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::time::{Instant, sleep_until};

use crate::stream::Stream;

use super::conditions::{Answers, Conditions, Socket};
use super::valve::{Stop, Valve, Watch};

/// Passes bytes both ways as the conditions allow, until both sides have ended or the connection is to be cut.
pub(super) async fn pass(
    client: Stream,
    upstream: Stream,
    conditions: &Conditions,
) -> Result<(), Stop> {
    let (up, down) = match (conditions.socket, conditions.answers) {
        (Socket::Passes, _) => (Flow::Free, Flow::Free),
        (Socket::ResetAtFrame, _) => (Flow::ResetAtByte, Flow::Free),
        (Socket::Mute, _) => (Flow::Lost, Flow::Lost),
        (Socket::MuteDown, _) => (Flow::Free, Flow::Lost),
        (Socket::MuteUp, _) => (Flow::Lost, Flow::Free),
        (Socket::Held, _) => (Flow::By(Answers::Held), Flow::By(Answers::Held)),
        (Socket::Blocks, answers) => (Flow::Free, Flow::By(answers)),
    };
    let watch = Mutex::new(Watch::begin(conditions));
    let (client_read, client_write) = split(client);
    let (upstream_read, upstream_write) = split(upstream);
    let is_mute = up == Flow::Lost || down == Flow::Lost;
    let up = async {
        pour(client_read, upstream_write, up, &watch).await?;
        // The end of a muted server is never told, so that a muted connection lasts as long as its client.
        if is_mute { Err(Stop::Gone) } else { Ok(()) }
    };
    let down = pour(upstream_read, client_write, down, &watch);
    let both = async { tokio::try_join!(up, down) };
    tokio::select! {
        ended = both => ended.map(drop),
        () = due(&watch) => Err(Stop::Reset),
    }
}

/// What happens to the bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Free,
    /// Taken and never passed on, and so is the end.
    Lost,
    ResetAtByte,
    By(Answers),
}

async fn pour(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    flow: Flow,
    watch: &Mutex<Watch>,
) -> Result<(), Stop> {
    let mut valve = Valve::new(match flow {
        Flow::By(answers) => answers,
        Flow::Free | Flow::Lost | Flow::ResetAtByte => Answers::Flow,
    });
    // The valve cuts by its own watch where there is nothing to cut.
    let mut free = Watch::begin(&Conditions::default());
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = from.read(&mut piece).await?;
        let passing = watch.lock().expect("no holder panics").pass(count);
        if passing < count {
            valve.push(&piece[..passing], &mut to, &mut free).await?;
            return Err(Stop::Reset);
        }
        match (flow, count) {
            (Flow::Lost, 0) => return Ok(()),
            (Flow::Lost, _) => {}
            (Flow::ResetAtByte, 1..) => return Err(Stop::Reset),
            (_, 0) => {
                valve.finish(&mut to, &mut free).await?;
                to.shutdown().await?;
                return Ok(());
            }
            _ => valve.push(&piece[..count], &mut to, &mut free).await?,
        }
    }
}

/// Waits until the connection is to be cut; for ever where that is never.
async fn due(watch: &Mutex<Watch>) {
    loop {
        let deadline = watch.lock().expect("no holder panics").deadline();
        match deadline {
            None => std::future::pending::<()>().await,
            Some(deadline) if deadline <= Instant::now() => return,
            Some(deadline) => sleep_until(deadline).await,
        }
    }
}

/// The longest piece that is moved at a time.
const PIECE_BYTES: usize = 16 << 10;
