//! The store as tasks hold it: every question goes to the thread that owns the file, and is answered when the answer is on the disk.

use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::thread;

use tokio::sync::{mpsc, oneshot};
use towpath_chat::{Message, Outgoing};

use crate::bounds::{Bounds, WAITING_REQUESTS_MAX};
use crate::error::Error;
use crate::item::{
    Accepted, Arrival, Mark, Progress, QueueLine, Quote, Reason, Recipient, Room, Target, Waiting,
};
use crate::store::Store;
use crate::worker::{self, Ask, Request, Wakers};

/// What sides still have to be told. Any number of tasks may hold one; the file is closed when the last one is gone.
#[derive(Debug, Clone)]
pub struct Outbox {
    requests: mpsc::Sender<Request>,
    wakers: Wakers,
}

impl Outbox {
    /// Opens the file, or makes it for its owner alone, and keeps every other process out.
    pub fn open(path: &Path, bounds: Bounds) -> Result<Self, Error> {
        let store = Store::open(path, bounds)?;
        let (requests, waiting) = mpsc::channel(WAITING_REQUESTS_MAX);
        let wakers = Wakers::default();
        let for_thread = Arc::clone(&wakers);
        thread::Builder::new()
            .name("outbox".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || worker::serve(store, waiting, &for_thread))
            .map_err(|source| Error::File {
                path: path.to_owned(),
                source,
            })?;
        Ok(Self { requests, wakers })
    }

    /// Keeps a message until all recipients were told, if it is new. Its id is remembered and the room's mark moved, even without a recipient.
    pub async fn accept(
        &self,
        message: &Message,
        recipients: &[Recipient],
        arrival: Arrival,
    ) -> Result<Accepted, Error> {
        let (message, recipients) = (message.clone(), recipients.to_vec());
        self.ask(move |store| store.accept(&message, &recipients, arrival))
            .await
    }

    /// The oldest message that a target was not told yet. It stays the same until it was finished or given up.
    pub async fn next(&self, target: &Target) -> Result<Option<Waiting>, Error> {
        let target = target.clone();
        self.ask(move |store| store.next(&target)).await
    }

    /// Waits until something may wait for a target. One task may wait for each; what came before is not missed.
    pub async fn changed(&self, target: &Target) {
        let waker = {
            let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(wakers.entry(target.clone()).or_default())
        };
        waker.notified().await;
    }

    /// Writes down the pieces that a message is told in, and that the first one is tried now. Says no if it was given up meanwhile.
    pub async fn begin(
        &self,
        key: i64,
        pieces: &[Outgoing],
        now_unix_ms: i64,
    ) -> Result<bool, Error> {
        let pieces = pieces.to_vec();
        self.ask(move |store| store.begin_message(key, &pieces, now_unix_ms))
            .await
    }

    /// Writes down that the next piece is tried now. Says no if the message was given up meanwhile.
    pub async fn tried(&self, key: i64, now_unix_ms: i64) -> Result<bool, Error> {
        self.ask(move |store| store.tried(key, now_unix_ms)).await
    }

    /// Writes down that a try came to nothing for now, and whether the other end may have the piece all the same.
    pub async fn postponed(&self, key: i64, uncertain: bool) -> Result<(), Error> {
        self.ask(move |store| store.postponed(key, uncertain)).await
    }

    /// Writes down that the other end has the next piece, with its id there. The last one finishes the message.
    pub async fn piece_done(
        &self,
        key: i64,
        id: Option<String>,
        now_unix_ms: i64,
    ) -> Result<Progress, Error> {
        self.ask(move |store| store.piece_done(key, id.as_deref(), now_unix_ms))
            .await
    }

    /// Finishes a message of which a target is not told anything.
    pub async fn nothing_to_tell(&self, key: i64) -> Result<(), Error> {
        self.ask(move |store| store.nothing_to_tell(key)).await
    }

    /// Gives a message up, and counts it.
    pub async fn give_up(&self, key: i64, reason: Reason) -> Result<(), Error> {
        self.ask(move |store| store.give_up(key, reason)).await
    }

    /// Gives up what a target waits for since before a time, oldest first, a bounded number at once. What was begun is left alone unless
    /// nobody goes on with it. Says how many went.
    pub async fn sweep(
        &self,
        target: &Target,
        before_unix_ms: i64,
        begun_too: bool,
    ) -> Result<u64, Error> {
        let target = target.clone();
        self.ask(move |store| store.sweep(&target, before_unix_ms, begun_too))
            .await
    }

    /// Has what one room said and waits for one target wait for another one of the same room. Says how many messages that were.
    pub async fn adopt(&self, said_in: &Room, from: &Target, to: &Target) -> Result<u64, Error> {
        let (said_in, from, to) = (said_in.clone(), from.clone(), to.clone());
        self.ask(move |store| store.adopt(&said_in, &from, &to))
            .await
    }

    /// The newest message that was taken from a room.
    pub async fn mark(&self, room: &Room) -> Result<Option<Mark>, Error> {
        let room = room.clone();
        self.ask(move |store| store.mark(&room)).await
    }

    /// Gives a room its first mark, if it has none. What a history holds from before it is never taken for new.
    pub async fn begin_room(&self, room: &Room, at_unix_ms: i64) -> Result<(), Error> {
        let room = room.clone();
        self.ask(move |store| store.begin_room(&room, at_unix_ms))
            .await
    }

    /// The ids of the users that we were on a side, newest first.
    pub async fn own(&self, side: &str) -> Result<Vec<String>, Error> {
        let side = side.to_owned();
        self.ask(move |store| store.own(&side)).await
    }

    /// Remembers a user that we are on a side.
    pub async fn add_own(&self, side: &str, user_id: &str) -> Result<(), Error> {
        let (side, user_id) = (side.to_owned(), user_id.to_owned());
        self.ask(move |store| store.add_own(&side, &user_id)).await
    }

    /// The ids that a message has in another room, one for each piece, in order. It does not matter which of both was the original.
    pub async fn twins(&self, from: &Room, id: &str, to: &Room) -> Result<Vec<String>, Error> {
        let (from, id, to) = (from.clone(), id.to_owned(), to.clone());
        self.ask(move |store| store.twins(&from, &id, &to)).await
    }

    /// How a message of a room began, or the one that it is a copy of, if that was lately.
    pub async fn quote(&self, room: &Room, id: &str) -> Result<Option<Quote>, Error> {
        let (room, id) = (room.clone(), id.to_owned());
        self.ask(move |store| store.quote(&room, &id)).await
    }

    /// Every queue that was ever used and not forgotten, ordered by target.
    pub async fn counts(&self) -> Result<Vec<QueueLine>, Error> {
        self.ask(Store::counts).await
    }

    /// Forgets what belongs to no room and no target of these: marks and ids of rooms, counts of empty queues. What waits is kept.
    pub async fn retain(&self, rooms: &[Room], targets: &[Target]) -> Result<(), Error> {
        {
            let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
            wakers.retain(|target, _| targets.contains(target));
        }
        let (rooms, targets) = (rooms.to_vec(), targets.to_vec());
        self.ask(move |store| store.retain(&rooms, &targets)).await
    }

    /// Closes the file for all who hold it, and waits until another process could open it.
    pub async fn close(&self) {
        // A thread that has ended has closed it.
        let _ = self.requests.send(Request::Close).await;
        self.requests.closed().await;
    }

    /// Ends the store after so many more commits as a kill would: nobody is answered any more. With `answer_last` the last of them still
    /// is. It is there to prove what a crash leaves behind, and no part of a program that keeps anything.
    #[cfg(any(test, feature = "testing"))]
    pub async fn interrupt_after(&self, commits: u64, answer_last: bool) {
        let fuse = worker::Fuse::of(commits, answer_last);
        let _ = self.requests.send(Request::Interrupt(fuse)).await;
    }

    /// Has the store answer nobody until what this gives is dropped, as a disk that stands still would.
    #[cfg(any(test, feature = "testing"))]
    pub async fn stall(&self) -> std::sync::mpsc::Sender<()> {
        let (release, released) = std::sync::mpsc::channel::<()>();
        let wait = move |_: &mut Store| {
            // What ends it is that the other half is dropped.
            let _ = released.recv();
            Ok(())
        };
        let (answer, _) = oneshot::channel();
        let job = Request::Job(Box::new(Ask::new(wait, answer)));
        let _ = self.requests.send(job).await;
        release
    }

    /// Waits until the store has ended.
    #[cfg(any(test, feature = "testing"))]
    pub async fn ended(&self) {
        self.requests.closed().await;
    }

    async fn ask<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job = Request::Job(Box::new(Ask::new(work, answer)));
        self.requests.send(job).await.map_err(|_| Error::Closed)?;
        result.await.unwrap_or(Err(Error::Closed))
    }
}

/// Enough for `SQLite`, which keeps its pages elsewhere.
const STACK_BYTES: usize = 512 * 1024;

#[cfg(test)]
mod tests;
