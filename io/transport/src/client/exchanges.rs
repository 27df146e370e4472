//! What `stream`, `sse` and `poll` share: one downlink request at a time, and `send` requests beside it.
//!
//! It must never renew a downlink by itself, since only the driver knows what has arrived; a `send`
//! body is repeated unchanged, because its items carry numbers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::downlink::Downlink;
use super::failure::Failure;
use super::lines::Lines;
use super::report::{Order, Reporter, What};

/// Most `send` requests under way.
pub(crate) const SENDS_IN_FLIGHT_MAX: usize = 3;
/// How long one `send` may take, its answer included.
const SEND: Duration = Duration::from_secs(10);
/// Longest answer to a `send`: it holds no items.
const ANSWER_BYTES_MAX: usize = 65_536;
/// Waits before a failed `send` is repeated; after the last of them the attachment is given up.
const SEND_AGAIN: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
];

/// One HTTP attachment: its endpoint, and how its answers are read.
pub(crate) struct Exchanges {
    pub(crate) lines: Arc<Lines>,
    pub(crate) endpoint: &'static str,
    pub(crate) downlink: fn() -> Downlink,
    pub(crate) reporter: Reporter,
}

impl Exchanges {
    /// Attaches with `first` and carries until the attachment fails or is dropped.
    pub(crate) async fn run(self, first: Bytes, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut downlinks = JoinSet::new();
        let mut sends: JoinSet<Result<(), Failure>> = JoinSet::new();
        let mut waiting: VecDeque<Bytes> = VecDeque::new();
        self.fetch(&mut downlinks, first);
        let mut finishing = false;
        let failure = loop {
            while sends.len() < SENDS_IN_FLIGHT_MAX
                && let Some(body) = waiting.pop_front()
            {
                sends.spawn(send(Arc::clone(&self.lines), self.reporter.clone(), body));
            }
            if finishing && sends.is_empty() {
                break Failure::Killed;
            }
            tokio::select! {
                order = orders.recv(), if !finishing => match order {
                    Some(Order::Up(body)) => waiting.push_back(body),
                    Some(Order::Down(body)) => self.fetch(&mut downlinks, body),
                    Some(Order::Finish) => finishing = true,
                    None => break Failure::Killed,
                },
                Some(sent) = sends.join_next() => match sent {
                    Ok(Ok(())) => self.reporter.say(What::Room).await,
                    Ok(Err(failure)) => break failure,
                    Err(_) => break Failure::Killed,
                },
                Some(_) = downlinks.join_next() => {}
            }
        };
        self.reporter.say(What::Ended(failure)).await;
    }

    /// A new downlink request takes the place of the one before.
    fn fetch(&self, downlinks: &mut JoinSet<()>, body: Bytes) {
        downlinks.abort_all();
        let (lines, reporter) = (Arc::clone(&self.lines), self.reporter.clone());
        let (endpoint, downlink) = (self.endpoint, (self.downlink)());
        downlinks.spawn(async move {
            let failure = read(&lines, endpoint, body, downlink, &reporter)
                .await
                .err();
            reporter.say(What::ResponseEnded(failure)).await;
        });
    }
}

/// Makes one downlink request and reports what comes, as it comes.
async fn read(
    lines: &Arc<Lines>,
    endpoint: &str,
    body: Bytes,
    mut downlink: Downlink,
    reporter: &Reporter,
) -> Result<(), Failure> {
    let mut answer = lines.post(endpoint, body).await?;
    answer.check()?;
    while let Some(chunk) = answer.chunk().await? {
        let bytes = downlink.feed(chunk)?;
        if !bytes.is_empty() {
            reporter.say(What::Down(bytes)).await;
        }
    }
    Ok(())
}

/// Posts one `send` body until it is answered.
async fn send(lines: Arc<Lines>, reporter: Reporter, body: Bytes) -> Result<(), Failure> {
    for wait in SEND_AGAIN {
        if !wait.is_zero() {
            sleep(wait).await;
        }
        match timeout(SEND, post(&lines, body.clone())).await {
            Ok(Ok(envelopes)) => {
                reporter.say(What::Answer(envelopes)).await;
                return Ok(());
            }
            // What was understood and refused is refused again.
            Ok(Err(Failure::Status(status))) if (400..500).contains(&status) => {
                return Err(Failure::Status(status));
            }
            // Lost on the way, or its answer was: the same again.
            Ok(Err(_)) | Err(_) => {}
        }
    }
    Err(Failure::Unsent)
}

async fn post(lines: &Arc<Lines>, body: Bytes) -> Result<Bytes, Failure> {
    let mut answer = lines.post("send", body).await?;
    answer.check()?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Failure::Malformed("a long answer to `send`".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}
