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

/// How long a room has to say goodbye.
const GOODBYE_MAX: Duration = Duration::from_secs(3);

/// A room's task as the side holds it.
struct Running {
    orders: mpsc::Sender<Say>,
    task: JoinHandle<()>,
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
    let shared = Arc::new(Shared::new(settings, logins, board, events, &own_user_ids));
    let mut rooms: HashMap<String, Running> = HashMap::new();
    while let Some(order) = orders.recv().await {
        match order {
            Order::Join(join) if rooms.contains_key(&join.room) => {}
            Order::Join(join) => {
                rooms.insert(join.room.clone(), start(&shared, join));
            }
            Order::Leave(room) => {
                if let Some(running) = rooms.remove(&room) {
                    finish(running).await;
                    shared.board.gone(&room);
                }
            }
            Order::Send(sending, answer) => {
                let say = Say { sending, answer };
                match rooms.get(&say.sending.room) {
                    Some(running) => give(running, say),
                    None => say.later("the room was not joined", None),
                }
            }
            Order::End => break,
        }
    }
    let rooms: Vec<_> = rooms
        .into_values()
        .map(|running| tokio::spawn(finish(running)))
        .collect();
    for room in rooms {
        // Nothing of a room is left to be done where its end has failed.
        let _ = room.await;
    }
    shared.reach.end().await;
}

fn start(shared: &Arc<Shared>, join: Join) -> Running {
    let (orders, waiting) = mpsc::channel(WAITING_MAX);
    Running {
        orders,
        task: tokio::spawn(room::run(Arc::clone(shared), join, waiting)),
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
