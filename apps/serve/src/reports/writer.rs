//! The one thread that touches the store, and its queue.
//!
//! It must never be waited for by anything that carries messages.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Busy;
use super::desk::Desk;
use super::numbers::Numbers;

/// Something to do at the desk.
pub(super) type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// The thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    numbers: Arc<Numbers>,
    waiting: Arc<AtomicUsize>,
}

impl Writer {
    /// Starts it. It ends when this value is dropped and everything that was handed over is done.
    pub(super) fn start(desk: Desk, numbers: Arc<Numbers>) -> Self {
        let (jobs, queue) = mpsc::sync_channel::<Job>(JOBS_MAX);
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        let thread = thread::Builder::new()
            .name("towpath-reports".to_owned())
            .spawn(move || work(desk, &queue, &left));
        let thread = thread.expect("the system has room for one thread at the start");
        Self {
            jobs: Some(jobs),
            thread: Some(thread),
            numbers,
            waiting,
        }
    }

    /// Whether half of the queue is taken: the rest is for those who proved who they are.
    pub(super) fn is_pressed(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > JOBS_MAX / 2
    }

    /// Hands something over, or says at once that too much waits already.
    pub(super) fn hand(&self, job: Job) -> Result<(), Busy> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let handed = self.jobs.as_ref().map(|jobs| jobs.try_send(job));
        if let Some(Ok(())) = handed {
            return Ok(());
        }
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.numbers.is_behind();
        Err(Busy)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs.take();
        if let Some(thread) = self.thread.take() {
            // A panic in there was printed when it happened, and there is nothing left to save.
            thread.join().ok();
        }
    }
}

fn work(mut desk: Desk, queue: &Receiver<Job>, waiting: &AtomicUsize) {
    desk.tidy();
    let mut tidied = Instant::now();
    loop {
        match queue.recv_timeout(TIDY.saturating_sub(tidied.elapsed())) {
            Ok(job) => {
                waiting.fetch_sub(1, Ordering::Relaxed);
                attempt(&mut desk, job);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if tidied.elapsed() >= TIDY {
            attempt(&mut desk, Box::new(Desk::tidy));
            tidied = Instant::now();
        }
    }
}

/// One job that panics must not end all the others: what it wrote is rolled back, and the desk goes on.
fn attempt(desk: &mut Desk, job: Job) {
    if catch_unwind(AssertUnwindSafe(|| job(desk))).is_err() {
        desk.failed_within();
    }
}

/// What may wait to be done.
const JOBS_MAX: usize = 256;

/// Between two looks at what is too old or too much.
const TIDY: Duration = Duration::from_mins(1);
