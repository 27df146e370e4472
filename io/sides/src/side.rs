//! A side as its owner holds it, and as its task sees it.

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use towpath_chat::Message;

use crate::order::{Join, Order, Outcome, Sending};
use crate::state::States;

/// Orders that wait for a side.
const WAITING_ORDERS_MAX: usize = 64;

/// Events that wait for the owner. A side whose owner takes none stops reading.
const WAITING_EVENTS_MAX: usize = 64;

/// What a side tells its owner, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody else did something in a room. After a gap the same message may be told again, with the same id.
    Said {
        /// What.
        message: Box<Message>,
        /// Whether it comes from the history, after a gap.
        replayed: bool,
    },
    /// The side now speaks as this user, by the other end's id; what this user says is not told.
    Own {
        /// The user's id.
        user_id: String,
    },
    /// Something of a room could not be had any more.
    Missed {
        /// The room.
        room: String,
        /// Why, in one sentence.
        why: String,
        /// How many messages, where that is known.
        messages: Option<u64>,
    },
}

/// A running side.
#[derive(Debug)]
pub struct Side {
    /// To ask it for something.
    pub sender: SideSender,
    /// What it tells. It must be read until it ends.
    pub events: mpsc::Receiver<Event>,
    /// How it goes, always the newest.
    pub states: watch::Receiver<States>,
    /// Its task. It ends after [`Order::End`], or when every sender is gone.
    pub task: JoinHandle<()>,
}

/// Asks a side for something; any number of tasks may hold one.
#[derive(Debug, Clone)]
pub struct SideSender(mpsc::Sender<Order>);

/// What the side's own task holds.
#[derive(Debug)]
pub struct SideEnd {
    /// What it is asked to do.
    pub orders: mpsc::Receiver<Order>,
    /// What it tells.
    pub events: mpsc::Sender<Event>,
    /// How it goes.
    pub states: watch::Sender<States>,
}

impl Side {
    /// Starts a side's task. It must be called within a tokio runtime.
    pub fn start<F>(run: impl FnOnce(SideEnd) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (orders_in, orders) = mpsc::channel(WAITING_ORDERS_MAX);
        let (events, events_out) = mpsc::channel(WAITING_EVENTS_MAX);
        let (states, states_out) = watch::channel(States::default());
        let task = tokio::spawn(run(SideEnd {
            orders,
            events,
            states,
        }));
        Self {
            sender: SideSender(orders_in),
            events: events_out,
            states: states_out,
            task,
        }
    }
}

impl SideSender {
    /// Says one piece, and waits for what comes of it.
    pub async fn send(&self, sending: Sending) -> Outcome {
        let (answer, outcome) = oneshot::channel();
        let over = || Outcome::Later {
            why: "the side has ended".to_owned(),
            uncertain: false,
            after: None,
        };
        if self
            .0
            .send(Order::Send(Box::new(sending), answer))
            .await
            .is_err()
        {
            return over();
        }
        // A side that ends without an answer may have sent it.
        outcome.await.unwrap_or_else(|_| Outcome::Later {
            why: "the side ended while it was sending".to_owned(),
            uncertain: true,
            after: None,
        })
    }

    /// Has the side be in a room.
    pub async fn join(&self, join: Join) {
        // A side that is over is in no room, which its state says.
        let _ = self.0.send(Order::Join(join)).await;
    }

    /// Has the side leave a room.
    pub async fn leave(&self, room: &str) {
        let _ = self.0.send(Order::Leave(room.to_owned())).await;
    }

    /// Has the side end.
    pub async fn end(&self) {
        let _ = self.0.send(Order::End).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use towpath_chat::Outgoing;

    fn piece() -> Sending {
        Sending::new("1", "#x", Outgoing::text("hi"))
    }

    #[tokio::test]
    async fn an_order_has_its_outcome() {
        let side = Side::start(|mut end| async move {
            while let Some(order) = end.orders.recv().await {
                if let Order::Send(_, answer) = order {
                    let _ = answer.send(Outcome::Delivered { id: None });
                }
            }
        });
        let outcome = side.sender.send(piece()).await;
        assert_eq!(outcome, Outcome::Delivered { id: None });
    }

    #[tokio::test]
    async fn a_side_that_ends_while_sending_may_have_sent_it() {
        let side = Side::start(|mut end| async move {
            let _ = end.orders.recv().await;
        });
        let sent = side.sender.send(piece()).await;
        assert!(
            matches!(
                sent,
                Outcome::Later {
                    uncertain: true,
                    ..
                }
            ),
            "{sent:?}"
        );
        let over = side.sender.send(piece()).await;
        assert!(
            matches!(
                over,
                Outcome::Later {
                    uncertain: false,
                    ..
                }
            ),
            "{over:?}"
        );
    }
}
