//! Messages in both directions, whatever carries them.
//!
//! Both halves wait rather than queue without bound: a reader that stops stops the remote, and nothing is dropped or repeated here.

use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;
use tokio::sync::mpsc;

mod browser;
mod gateway;
mod masks;
mod native;
mod turn;

pub(crate) use browser::of_browser;
pub(crate) use gateway::of_gateway;
pub(crate) use native::native;

/// Orders that wait for whatever carries the messages. More would only hide back-pressure.
const WAITING_SENDS_MAX: usize = 16;

/// Events that wait for the reader.
const WAITING_EVENTS_MAX: usize = 1;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// UTF-8.
    Text(Bytes),
    /// Bytes.
    Binary(Bytes),
}

/// What happened, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A message from the remote.
    Message(Message),
    /// What carries the messages is lost, and is being replaced; nothing is lost by that.
    Reconnecting,
    /// It goes on.
    Recovered,
    /// It is over. Nothing follows.
    Closed {
        /// The remote's close code, 1005 where it gave none, 1006 where it ended without a close.
        code: u16,
        /// The reason that it gave.
        reason: String,
        /// Whether the remote's close came.
        clean: bool,
        /// Where this side of the carriage ended it, and not the remote: what happened, in one sentence.
        lost: Option<String>,
    },
}

/// The channel is over: nothing can be sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the channel is over")]
pub struct Over;

/// Both halves. Dropping them ends the connection to the remote with 1001, or abandons it where it cannot be told.
#[derive(Debug)]
pub struct Channel {
    /// To the remote.
    pub sender: ChannelSender,
    /// From the remote.
    pub receiver: ChannelReceiver,
}

/// The half to the remote, which any number of tasks may hold.
#[derive(Debug, Clone)]
pub struct ChannelSender(To);

/// The half from the remote.
#[derive(Debug)]
pub struct ChannelReceiver(From);

#[derive(Debug, Clone)]
enum To {
    Queue(mpsc::Sender<Order>),
    Gateway(towpath_transport::client::Sender),
    Browser(Arc<towpath_browser::BrowserSender>),
}

#[derive(Debug)]
enum From {
    Queue(mpsc::Receiver<Event>),
    Gateway(towpath_transport::client::Client),
    Browser(towpath_browser::BrowserReceiver),
}

/// What a queue carries to the remote.
#[derive(Debug)]
enum Order {
    Message(Message),
    Close(Option<u16>, String),
}

impl Channel {
    fn new(to: To, from: From) -> Self {
        Self {
            sender: ChannelSender(to),
            receiver: ChannelReceiver(from),
        }
    }

    /// Both halves apart.
    pub fn split(self) -> (ChannelSender, ChannelReceiver) {
        (self.sender, self.receiver)
    }

    /// Two channels of which each is the other's remote, in memory, with room for `bound` messages each way. It must be called
    /// within a tokio runtime.
    pub fn pair(bound: usize) -> (Self, Self) {
        let (left_out, left_in) = mpsc::channel(bound.max(1));
        let (right_out, right_in) = mpsc::channel(bound.max(1));
        (joined(left_out, right_in), joined(right_out, left_in))
    }
}

/// A channel whose orders arrive as the events of another.
fn joined(to: mpsc::Sender<Order>, mut from: mpsc::Receiver<Order>) -> Channel {
    let (events_out, events) = mpsc::channel(WAITING_EVENTS_MAX);
    tokio::spawn(async move {
        loop {
            let event = match from.recv().await {
                Some(Order::Message(message)) => Event::Message(message),
                Some(Order::Close(code, reason)) => Event::Closed {
                    code: code.unwrap_or(1005),
                    reason,
                    clean: true,
                    lost: None,
                },
                None => Event::Closed {
                    code: 1006,
                    reason: String::new(),
                    clean: false,
                    lost: None,
                },
            };
            let is_last = matches!(event, Event::Closed { .. });
            if events_out.send(event).await.is_err() || is_last {
                return;
            }
        }
    });
    Channel::new(To::Queue(to), From::Queue(events))
}

impl ChannelSender {
    /// Accepts a message, waiting while too much is under way. Text has to be UTF-8.
    pub async fn send(&self, message: Message) -> Result<(), Over> {
        match &self.0 {
            To::Queue(orders) => orders.send(Order::Message(message)).await.map_err(|_| Over),
            To::Gateway(sender) => gateway::send(sender, message).await,
            To::Browser(sender) => browser::send(sender, message).await,
        }
    }

    /// Closes behind everything that was sent before. [`Event::Closed`] follows on the other half.
    pub async fn close(&self, code: Option<u16>, reason: &str) -> Result<(), Over> {
        match &self.0 {
            To::Queue(orders) => {
                let order = Order::Close(code, reason.to_owned());
                orders.send(order).await.map_err(|_| Over)
            }
            To::Gateway(sender) => sender.close(code, reason).await.map_err(|_| Over),
            To::Browser(sender) => {
                sender.close(code, reason).await;
                Ok(())
            }
        }
    }
}

impl ChannelReceiver {
    /// What happened next; `None` behind [`Event::Closed`]. While nobody asks, the remote is told to wait. Nothing is lost where the
    /// future is dropped.
    pub async fn next(&mut self) -> Option<Event> {
        match &mut self.0 {
            From::Queue(events) => events.recv().await,
            From::Gateway(client) => gateway::next(client).await,
            From::Browser(receiver) => browser::next(receiver).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pair_carries_messages_and_the_close() {
        let (left, mut right) = Channel::pair(4);
        let text = Message::Text(Bytes::from_static(b"hi"));
        left.sender.send(text.clone()).await.unwrap();
        left.sender.close(Some(4001), "gone").await.unwrap();
        assert_eq!(right.receiver.next().await, Some(Event::Message(text)));
        let closed = Event::Closed {
            code: 4001,
            reason: "gone".to_owned(),
            clean: true,
            lost: None,
        };
        assert_eq!(right.receiver.next().await, Some(closed));
        assert_eq!(right.receiver.next().await, None);
    }

    #[tokio::test]
    async fn a_dropped_end_is_seen_as_a_loss() {
        let (left, mut right) = Channel::pair(4);
        drop(left);
        let Some(Event::Closed { code, clean, .. }) = right.receiver.next().await else {
            panic!("no end");
        };
        assert_eq!((code, clean), (1006, false));
    }
}
