//! One session: what never changes about it, and its state behind a lock.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use towpath_diagnosis::observation::{Attachment, AttachmentEnd};

use super::state::State;
use crate::observe::{Live, Log};

/// A session, shared by its task and by the requests that belong to it.
#[derive(Debug)]
pub(super) struct Session {
    /// What is seen of it.
    pub(super) log: Arc<Log>,
    /// What limits per address count by.
    pub(super) address: IpAddr,
    state: Mutex<State>,
}

impl Session {
    /// A session with its first state.
    pub(super) fn new(log: Arc<Log>, address: IpAddr, state: State) -> Self {
        Self {
            log,
            address,
            state: Mutex::new(state),
        }
    }

    /// Its public name, for logs and phone calls. It opens nothing.
    pub(super) fn name(&self) -> &str {
        self.log.code()
    }

    /// What of it has not ended is asked here from now on.
    pub(super) fn be_followed(self: &Arc<Self>) {
        let weak: Weak<Self> = Arc::downgrade(self);
        self.log.follow(weak);
    }

    /// The state. Never held across a wait.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live for Session {
    fn open(&self, now: u64) -> Vec<Attachment> {
        let state = self.state();
        let alive = state.attachments.iter().filter(|one| !one.lost);
        alive
            .map(|one| one.fact(AttachmentEnd::Open, now))
            .collect()
    }
}
