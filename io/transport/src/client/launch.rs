//! Starts the task of one attachment: the only place that knows which code belongs to which transport.

use crate::client::Transport;
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::dial::Dialer;
use super::exchanges::Exchanges;
use super::lines::Lines;
use super::report::{Order, Reporter};
use crate::{poll, sse, stream, websocket};

/// A running transport. Dropping it ends its connections without a word.
#[derive(Debug)]
pub(crate) struct Running {
    orders: mpsc::UnboundedSender<Order>,
    task: AbortHandle,
}

impl Running {
    /// A transport that is gone has reported so itself.
    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts `transport`, which attaches with the envelope in `first`.
pub(crate) fn launch(
    dialer: &Dialer,
    transport: Transport,
    first: Bytes,
    reporter: Reporter,
) -> Running {
    let (orders, orders_in) = mpsc::unbounded_channel();
    let (endpoint, downlink) = match transport {
        Transport::WebSocket => {
            let run = websocket::client::run(dialer.clone(), first, orders_in, reporter);
            let task = tokio::spawn(run).abort_handle();
            return Running { orders, task };
        }
        Transport::Stream => (
            stream::client::ENDPOINT,
            stream::client::downlink as fn() -> _,
        ),
        Transport::Sse => (sse::client::ENDPOINT, sse::client::downlink as fn() -> _),
        Transport::Poll => (poll::client::ENDPOINT, poll::client::downlink as fn() -> _),
    };
    let exchanges = Exchanges {
        lines: Lines::new(dialer.clone()),
        endpoint,
        downlink,
        reporter,
    };
    let task = tokio::spawn(exchanges.run(first, orders_in)).abort_handle();
    Running { orders, task }
}
