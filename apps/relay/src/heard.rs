//! What came from one side, counted.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::status::Heard;

/// What came from one side since the relay started; it outlives the side's own restarts.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub taken: AtomicU64,
    pub replayed: AtomicU64,
    pub known: AtomicU64,
    pub own: AtomicU64,
    pub echoes: AtomicU64,
    pub ignored: AtomicU64,
    pub missed: AtomicU64,
}

impl Counts {
    pub(crate) fn picture(&self) -> Heard {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Heard {
            taken: read(&self.taken),
            replayed: read(&self.replayed),
            known: read(&self.known),
            own: read(&self.own),
            echoes: read(&self.echoes),
            ignored: read(&self.ignored),
            missed: read(&self.missed),
        }
    }
}

/// One more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
