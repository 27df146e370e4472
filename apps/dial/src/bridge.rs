//! The local client's WebSocket and a channel to the remote, joined message by message.
//!
//! Texts stay texts, close codes and reasons go through; pings of the client are answered here, since channels carry none.
//! A side that reads slowly stops the other. It must never hold more than one message a direction besides what the
//! channel and the sockets hold.

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use towpath_reach::{Channel, ChannelReceiver, ChannelSender, Event};
use towpath_websocket::CloseCode;

use crate::answer;
use crate::event::{By, End};
use crate::limits::Limits;
use crate::stop::Stop;

mod down;
mod up;

/// What the way up asks of the way down, which alone writes to the client.
#[derive(Debug)]
enum Order {
    /// Answer a ping.
    Pong(Vec<u8>),
    /// The client broke the protocol or a limit: close with this.
    Close(CloseCode, String),
}

/// What happens to a session while its client notices nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Reconnecting,
    Recovered,
}

/// The local side of a bridge.
pub(crate) struct Local {
    pub(crate) stream: TcpStream,
    /// Bytes of the client that came before.
    pub(crate) first: Bytes,
    /// What the remote is told where the client leaves without a word: 1001, as of a page that was left; nothing where the
    /// channel cannot say that, since any other code would be a lie.
    pub(crate) vanished: Option<CloseCode>,
}

/// Carries until both sides have closed, or a wait for one is over.
pub(crate) async fn carry(
    local: Local,
    channel: Channel,
    stop: &Stop,
    limits: &Limits,
    trouble: impl Fn(Trouble) + Send + Sync,
) -> End {
    let Local {
        stream: mut local,
        first,
        vanished,
    } = local;
    let (sender, mut receiver) = channel.split();
    let (orders_out, orders) = mpsc::channel(WAITING_ORDERS_MAX);
    let (end, is_over) = {
        let (from_local, to_local) = local.split();
        let up = up::carry(from_local, first, &sender, limits, vanished, orders_out);
        let down = down::carry(to_local, &mut receiver, orders, stop, trouble);
        join(up, down, &sender, vanished, limits).await
    };
    // An end without a close frame is what a client sees as 1006.
    let _ = local.shutdown().await;
    answer::linger(&mut local).await;
    drop(local);
    if !is_over {
        let ending = async {
            stop.begun().await;
            sleep(limits.close_time).await;
        };
        // Nobody waits here any more, but what was said last may be: a session that is being taken up again needs its time.
        tokio::select! {
            () = drain(&mut receiver) => {}
            () = sleep(limits.delivery_time) => {}
            () = ending => {}
        }
    }
    end
}

/// Both ways at once, and what is left of one when the other has ended. Whether the channel said that it is over, too.
async fn join(
    up: impl Future<Output = End>,
    down: impl Future<Output = down::Ended>,
    sender: &ChannelSender,
    vanished: Option<CloseCode>,
    limits: &Limits,
) -> (End, bool) {
    let (mut up, mut down) = (Box::pin(up), Box::pin(down));
    tokio::select! {
        of_local = &mut up => {
            // The remote has been told: what it still sends, and its answer, are the client's to have.
            match timeout(limits.close_time, &mut down).await {
                Ok(ended) if ended.end.by == By::Dial => (ended.end, ended.is_over),
                Ok(ended) => (of_local, ended.is_over),
                Err(_) => (of_local, false),
            }
        }
        ended = &mut down => {
            let end = ended.end;
            if ended.is_over {
                // What the client says until its own close is for nobody.
                let _ = timeout(limits.close_time, &mut up).await;
                return (end, true);
            }
            let code = if end.by == By::Dial {
                Some(end.code)
            } else {
                vanished.map(|code| code.0)
            };
            let told = sender.close(code, &end.reason);
            let both = async { tokio::join!(&mut up, told) };
            let _ = timeout(limits.close_time, both).await;
            (end, false)
        }
    }
}

/// Waits for the end of a channel: what was sent last is on its way until then.
async fn drain(receiver: &mut ChannelReceiver) {
    while let Some(event) = receiver.next().await {
        if matches!(event, Event::Closed { .. }) {
            return;
        }
    }
}

/// Orders that wait for a client that takes nothing. Beyond them its pings go unanswered, as RFC 6455 section 5.5.3 allows.
const WAITING_ORDERS_MAX: usize = 16;

#[cfg(test)]
mod tests;
