//! One session: what never changes about it, and its state behind a lock.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::state::State;
use crate::observe::Log;

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

    /// The state. Never held across a wait.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
