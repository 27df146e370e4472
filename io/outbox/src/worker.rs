//! The thread that owns the file. Requests that came together share one commit, and nobody is answered before it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, mpsc, oneshot};

use crate::bounds::BATCH_MAX;
use crate::error::Error;
use crate::item::Target;
use crate::store::Store;

/// Whom to wake when something waits for a target.
pub(crate) type Wakers = Arc<Mutex<HashMap<Target, Arc<Notify>>>>;

/// One request: done within the transaction, answered behind it.
pub(crate) trait Job: Send {
    /// Does it. Says whether what it did is to stay.
    fn run(&mut self, store: &mut Store) -> bool;
    /// Tells what came of it, or why nothing did.
    fn answer(self: Box<Self>, failed: Option<Error>);
}

/// What the thread is given.
pub(crate) enum Request {
    Job(Box<dyn Job>),
    /// End when it has burnt, as a kill would.
    #[cfg(any(test, feature = "testing"))]
    Interrupt(Fuse),
    Close,
}

/// When the thread ends as by a kill: never, unless a test says so.
#[derive(Default)]
pub(crate) struct Fuse {
    commits_left: Option<u64>,
    answer_last: bool,
}

impl Fuse {
    /// One of so many commits, the last of which is answered or not.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn of(commits: u64, answer_last: bool) -> Self {
        Self {
            commits_left: Some(commits),
            answer_last,
        }
    }

    fn has_burnt(&self) -> bool {
        self.commits_left == Some(0)
    }

    /// One more commit is done. Says whether nobody is to be told of it.
    fn burn(&mut self) -> bool {
        self.commits_left = self.commits_left.map(|left| left.saturating_sub(1));
        self.has_burnt() && !self.answer_last
    }
}

/// A request with its answer.
pub(crate) struct Ask<T, F> {
    work: Option<F>,
    result: Option<Result<T, Error>>,
    answer: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Ask<T, F> {
    pub(crate) fn new(work: F, answer: oneshot::Sender<Result<T, Error>>) -> Self {
        Self {
            work: Some(work),
            result: None,
            answer,
        }
    }
}

impl<T, F> Job for Ask<T, F>
where
    T: Send,
    F: FnOnce(&mut Store) -> Result<T, Error> + Send,
{
    fn run(&mut self, store: &mut Store) -> bool {
        let result = self.work.take().map(|work| work(store));
        let stays = matches!(result, Some(Ok(_)));
        self.result = result;
        stays
    }

    fn answer(self: Box<Self>, failed: Option<Error>) {
        let result = match failed {
            Some(error) => Err(error),
            None => self.result.unwrap_or(Err(Error::Closed)),
        };
        // Whoever asked may have gone; what was done stays done.
        let _ = self.answer.send(result);
    }
}

/// Serves until it is closed, or nobody is left who could ask.
pub(crate) fn serve(mut store: Store, mut requests: mpsc::Receiver<Request>, wakers: &Wakers) {
    let mut fuse = Fuse::default();
    let mut is_closing = false;
    while !is_closing {
        let Some(first) = requests.blocking_recv() else {
            break;
        };
        let mut jobs = Vec::new();
        let mut next = Some(first);
        while let Some(request) = next {
            match request {
                Request::Job(job) => jobs.push(job),
                #[cfg(any(test, feature = "testing"))]
                Request::Interrupt(lit) => fuse = lit,
                Request::Close => {
                    is_closing = true;
                    break;
                }
            }
            next = (jobs.len() < BATCH_MAX)
                .then(|| requests.try_recv().ok())
                .flatten();
        }
        if fuse.has_burnt() {
            break;
        }
        if jobs.is_empty() {
            continue;
        }
        let failed = run(&mut store, &mut jobs);
        if fuse.burn() {
            break;
        }
        for job in jobs {
            job.answer(failed.as_ref().map(Error::of));
        }
        wake(wakers, store.take_woken());
    }
    // The file is free again before anybody learns that this is over.
    drop(store);
    drop(requests);
}

/// Runs all in one transaction; one that fails leaves the others alone.
fn run(store: &mut Store, jobs: &mut [Box<dyn Job>]) -> Option<rusqlite::Error> {
    let done = store.begin().and_then(|()| {
        for job in jobs {
            store.set_point()?;
            if job.run(store) {
                store.keep_point()?;
            } else {
                store.undo_to_point()?;
            }
        }
        store.commit()
    });
    if done.is_err() {
        store.undo();
    }
    done.err()
}

/// Whoever does not wait yet finds it done when he comes.
fn wake(wakers: &Wakers, targets: Vec<Target>) {
    let mut wakers = wakers.lock().unwrap_or_else(PoisonError::into_inner);
    for target in targets {
        wakers.entry(target).or_default().notify_one();
    }
}
