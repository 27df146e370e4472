//! The side's own task: orders to rooms. It must never wait for a room that is busy, since the others would wait with it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::board::Board;
use super::login::Logins;
use super::room::{self, Say};
use super::settings::Settings;
use super::shared::Shared;
use crate::order::{Join, Order, Outcome};
use crate::side::SideEnd;

/// Orders that wait for one room. A courier gives one at a time.
const WAITING_MAX: usize = 16;

/// A side that has no room by then has none to wait for.
const IDLE: Duration = Duration::from_secs(1);

/// How long a room has to say goodbye.
const GOODBYE_MAX: Duration = Duration::from_secs(3);

/// A room's task as the side holds it.
struct Running {
    orders: mpsc::Sender<Say>,
    task: JoinHandle<()>,
}

/// The rooms of a side.
struct Rooms {
    shared: Arc<Shared>,
    running: HashMap<String, Running>,
    /// Rooms that say goodbye.
    leaving: HashMap<String, JoinHandle<()>>,
}

/// Runs a side until nobody asks for anything any more.
pub(super) async fn run(end: SideEnd, settings: Settings, own_user_ids: Vec<String>) {
    let SideEnd {
        mut orders,
        events,
        states,
    } = end;
    let logins = Logins::new(&settings);
    let board = Board::new(states);
    let mut rooms = Rooms {
        shared: Arc::new(Shared::new(settings, logins, board, events, &own_user_ids)),
        running: HashMap::new(),
        leaving: HashMap::new(),
    };
    let first = timeout(IDLE, orders.recv()).await;
    if first.is_err() {
        rooms.shared.board.idle();
    }
    let mut next = first.ok().flatten();
    loop {
        let order = match next.take() {
            Some(order) => Some(order),
            None => orders.recv().await,
        };
        match order {
            Some(Order::Join(join)) => rooms.join(join).await,
            Some(Order::Leave(room)) => rooms.leave(room),
            Some(Order::Send(sending, answer)) => {
                let say = Say { sending, answer };
                match rooms.running.get(&say.sending.room) {
                    Some(running) => give(running, say),
                    None => say.later("the room was not joined", None),
                }
            }
            Some(Order::End) | None => break,
        }
    }
    rooms.end().await;
}

impl Rooms {
    async fn join(&mut self, join: Join) {
        if self.running.contains_key(&join.room) {
            return;
        }
        if let Some(goodbye) = self.leaving.remove(&join.room) {
            // Two connections of one room would tell everything twice.
            let _ = goodbye.await;
        }
        let (orders, waiting) = mpsc::channel(WAITING_MAX);
        let name = join.room.clone();
        let task = tokio::spawn(room::run(Arc::clone(&self.shared), join, waiting));
        self.running.insert(name, Running { orders, task });
    }

    fn leave(&mut self, room: String) {
        self.leaving.retain(|_, goodbye| !goodbye.is_finished());
        if let Some(running) = self.running.remove(&room) {
            let (shared, name) = (Arc::clone(&self.shared), room.clone());
            let goodbye = tokio::spawn(async move {
                finish(running).await;
                shared.board.gone(&name);
            });
            self.leaving.insert(room, goodbye);
        }
    }

    async fn end(mut self) {
        let names: Vec<String> = self.running.keys().cloned().collect();
        for name in names {
            self.leave(name);
        }
        for goodbye in self.leaving.into_values() {
            // Nothing of a room is left to be done where its end has failed.
            let _ = goodbye.await;
        }
        self.shared.reach.end().await;
    }
}

fn give(running: &Running, say: Say) {
    match running.orders.try_send(say) {
        Ok(()) => {}
        Err(TrySendError::Full(say)) => say.later("the room is busy", Some(Duration::from_secs(1))),
        // The task ended by itself, which it never does before it is left.
        Err(TrySendError::Closed(say)) => say.tell(Outcome::Later {
            why: "the room's task has ended".to_owned(),
            uncertain: false,
            after: None,
        }),
    }
}

/// Has a room say goodbye.
async fn finish(running: Running) {
    drop(running.orders);
    let mut task = running.task;
    if timeout(GOODBYE_MAX, &mut task).await.is_err() {
        task.abort();
    }
}
