//! The way of one answer to the client: held, in blocks or at once, and cut by age, silence or length.
//!
//! Time is asked of [`Watch`], so that whoever waits for something else can wait no longer than that.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::conditions::{Answers, Conditions};

/// Why a connection ends before its time.
#[derive(Debug)]
pub(super) enum Stop {
    /// The network resets it.
    Reset,
    /// One of the two ends is gone or makes no sense.
    Gone,
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// How long an answer or a WebSocket has lasted, been silent, and how much it carried.
#[derive(Debug)]
pub(super) struct Watch {
    age_ends: Option<Instant>,
    idle_max: Option<Duration>,
    last: Instant,
    bytes_left: Option<u64>,
}

impl Watch {
    /// It begins now.
    pub(super) fn begin(conditions: &Conditions) -> Self {
        let now = Instant::now();
        Self {
            age_ends: conditions.age_max.map(|age| now + age),
            idle_max: conditions.idle_max,
            last: now,
            bytes_left: conditions.bytes_max,
        }
    }

    /// When it is to be cut if nothing more happens.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let idle_ends = self.idle_max.map(|idle| self.last + idle);
        [self.age_ends, idle_ends].into_iter().flatten().min()
    }

    /// Notes a sign of life.
    pub(super) fn touch(&mut self) {
        self.last = Instant::now();
    }

    /// Takes bytes that are about to pass; says how many of them may.
    pub(super) fn pass(&mut self, count: usize) -> usize {
        self.touch();
        let Some(left) = &mut self.bytes_left else {
            return count;
        };
        let passing = count.min(usize::try_from(*left).unwrap_or(usize::MAX));
        *left -= passing as u64;
        passing
    }

    /// Waits for something, at most until the cut is due.
    pub(super) async fn before<T>(&self, future: impl Future<Output = T>) -> Result<T, Stop> {
        match self.deadline() {
            Some(deadline) => timeout_at(deadline, future).await.map_err(|_| Stop::Reset),
            None => Ok(future.await),
        }
    }
}

/// The way of one answer to the client.
#[derive(Debug)]
pub(super) struct Valve {
    answers: Answers,
    held: Vec<u8>,
}

impl Valve {
    /// A valve for one answer.
    pub(super) fn new(answers: Answers) -> Self {
        Self {
            answers,
            held: Vec::new(),
        }
    }

    /// Takes bytes and lets through what is ripe.
    pub(super) async fn push(
        &mut self,
        bytes: &[u8],
        client: &mut (impl AsyncWrite + Unpin),
        watch: &mut Watch,
    ) -> Result<(), Stop> {
        match self.answers {
            Answers::Flow => write(bytes, client, watch).await,
            Answers::Held => {
                self.held.extend_from_slice(bytes);
                if self.held.len() > HELD_BYTES_MAX {
                    return Err(Stop::Reset);
                }
                Ok(())
            }
            Answers::Blocks(size) => {
                self.held.extend_from_slice(bytes);
                let ripe = self.held.len() / size.max(1) * size.max(1);
                let rest = self.held.split_off(ripe);
                let block = std::mem::replace(&mut self.held, rest);
                write(&block, client, watch).await
            }
        }
    }

    /// The answer is complete: lets through what is left.
    pub(super) async fn finish(
        &mut self,
        client: &mut (impl AsyncWrite + Unpin),
        watch: &mut Watch,
    ) -> Result<(), Stop> {
        write(&std::mem::take(&mut self.held), client, watch).await
    }
}

async fn write(
    bytes: &[u8],
    client: &mut (impl AsyncWrite + Unpin),
    watch: &mut Watch,
) -> Result<(), Stop> {
    if bytes.is_empty() {
        return Ok(());
    }
    let passing = watch.pass(bytes.len());
    let writing = async {
        client.write_all(&bytes[..passing]).await?;
        client.flush().await
    };
    watch.before(writing).await??;
    if passing < bytes.len() {
        return Err(Stop::Reset);
    }
    Ok(())
}

/// The most that is held back; an answer or a WebSocket that says more is reset.
const HELD_BYTES_MAX: usize = 16 << 20;
