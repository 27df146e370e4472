//! One session: what never changes about it, and its state behind a lock.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::state::State;

/// A session, shared by its task and by the requests that belong to it.
#[derive(Debug)]
pub(super) struct Session {
    /// Its public name, for logs and phone calls. It opens nothing.
    pub(super) name: Box<str>,
    /// What limits per address count by.
    pub(super) address: IpAddr,
    state: Mutex<State>,
}

impl Session {
    /// A session with its first state.
    pub(super) fn new(name: Box<str>, address: IpAddr, state: State) -> Self {
        Self {
            name,
            address,
            state: Mutex::new(state),
        }
    }

    /// The state. Never held across a wait.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
