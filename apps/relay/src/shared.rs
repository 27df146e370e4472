//! What all tasks of a relay hold together. It must never be locked across a wait.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;
use towpath_chat::{LoopGuard, Message, Outgoing};
use towpath_outbox::{Error, Outbox, Room};

use crate::routes::Routes;

/// What all tasks of a relay hold together.
#[derive(Debug)]
pub(crate) struct Shared {
    pub outbox: Outbox,
    routes: RwLock<Arc<Routes>>,
    guards: Mutex<HashMap<String, LoopGuard>>,
    lanes: Mutex<HashMap<Room, Lane>>,
    trouble: Mutex<Option<String>>,
    changes: watch::Sender<u64>,
}

/// Whoever holds it may tell a room a piece.
pub(crate) type Lane = Arc<tokio::sync::Mutex<()>>;

impl Shared {
    pub(crate) fn new(outbox: Outbox) -> Self {
        Self {
            outbox,
            routes: RwLock::default(),
            guards: Mutex::default(),
            lanes: Mutex::default(),
            trouble: Mutex::default(),
            changes: watch::Sender::new(0),
        }
    }

    pub(crate) fn routes(&self) -> Arc<Routes> {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&routes)
    }

    pub(crate) fn set_routes(&self, routes: Routes) {
        let links: Vec<String> = routes
            .rooms()
            .keys()
            .flat_map(|room| routes.links(room).map(str::to_owned))
            .collect();
        locked(&self.guards).retain(|link, _| links.contains(link));
        locked(&self.lanes).retain(|room, _| routes.rooms().contains_key(room));
        *self.routes.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(routes);
    }

    /// One piece of a room is under way at a time, whichever link it belongs to.
    pub(crate) fn lane(&self, room: &Room) -> Lane {
        Arc::clone(locked(&self.lanes).entry(room.clone()).or_default())
    }

    /// Notes a piece before it is told, for its echo may come before the proof that it was.
    pub(crate) fn will_tell(&self, link: &str, outgoing: &Outgoing, of: &Message, now: i64) {
        let mut guards = locked(&self.guards);
        let guard = guards.entry(link.to_owned()).or_default();
        guard.delivered(outgoing, of, now);
    }

    /// The link in whose rooms a message was told before by us, if there is one, and how many that were.
    pub(crate) fn echo(&self, room: &Room, message: &Message, now: i64) -> Option<(String, u64)> {
        let routes = self.routes();
        let mut guards = locked(&self.guards);
        routes.links(room).find_map(|link| {
            let guard = guards.get_mut(link)?;
            guard
                .is_echo(message, now)
                .then(|| (link.to_owned(), guard.dropped()))
        })
    }

    /// Has the store write until it has written: a disk that is full is waited for. Nothing where the store is closed, or can never say.
    pub(crate) async fn kept<T, F>(&self, ask: impl FnMut() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let answer = self.read(ask).await;
        if answer.is_some() {
            self.set_trouble(None);
        }
        answer
    }

    /// The same for whoever others wait for: after a while nothing, and the trouble is known.
    pub(crate) async fn kept_soon<T, F>(&self, ask: impl FnMut() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let answer = tokio::time::timeout(STORE_SOON, self.kept(ask)).await;
        answer.ok().flatten()
    }

    /// The same without writing.
    pub(crate) async fn read_soon<T, F>(&self, ask: impl FnMut() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let answer = tokio::time::timeout(STORE_SOON, self.read(ask)).await;
        answer.ok().flatten()
    }

    /// Asks the store until it answers. That it can be read does not say that it can be written.
    pub(crate) async fn read<T, F>(&self, mut ask: impl FnMut() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut pause = STORE_PAUSE_MIN;
        loop {
            match ask().await {
                Ok(answer) => return Some(answer),
                Err(Error::Closed) => return None,
                Err(error @ Error::Content(_)) => {
                    tracing::error!(%error, "the store refuses a message");
                    return None;
                }
                Err(error) => self.set_trouble(Some(error.to_string())),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(STORE_PAUSE_MAX);
        }
    }

    pub(crate) fn trouble(&self) -> Option<String> {
        locked(&self.trouble).clone()
    }

    fn set_trouble(&self, trouble: Option<String>) {
        let mut held = locked(&self.trouble);
        if *held == trouble {
            return;
        }
        if let Some(trouble) = &trouble {
            tracing::error!(%trouble, "the state file cannot be written");
        } else {
            tracing::info!("the state file can be written again");
        }
        *held = trouble;
        drop(held);
        self.note_change();
    }

    /// Lets those know who show how it goes.
    pub(crate) fn note_change(&self) {
        self.changes
            .send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// A panic elsewhere leaves what is in here whole: every change is one step.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a store that could not write is left alone: at first, and at most.
const STORE_PAUSE_MIN: Duration = Duration::from_millis(100);
const STORE_PAUSE_MAX: Duration = Duration::from_secs(5);

/// How long a start or a change of plans waits for the store. What it could not write then is written later or not needed.
const STORE_SOON: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use towpath_outbox::Bounds;

    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_waited_for_and_told() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let outbox = Outbox::open(&folder.path().join("relay.sqlite"), Bounds::default());
        let shared = Shared::new(outbox.expect("a store"));
        let changes = shared.changes();
        let asked = AtomicU32::new(0);
        let answer = shared.kept(|| {
            let times = asked.fetch_add(1, Ordering::Relaxed);
            let trouble = shared.trouble();
            async move {
                if times < 2 {
                    assert_eq!(trouble.is_some(), times == 1);
                    return Err(Error::DiskFull);
                }
                assert!(trouble.is_some_and(|words| words.contains("full")));
                Ok("kept")
            }
        });
        assert_eq!(answer.await, Some("kept"));
        assert_eq!(shared.trouble(), None);
        assert_eq!(
            *changes.borrow(),
            2,
            "once for the trouble, once for its end"
        );
        let closed = shared.kept(|| async { Err::<(), _>(Error::Closed) }).await;
        assert_eq!(closed, None);
    }
}
