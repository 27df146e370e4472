//! What the driver lets others see while it runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::client::Transport;

/// Read at any time, written by the driver alone.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    buffered_bytes: AtomicU64,
    losses: AtomicU64,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    transport: Option<Transport>,
    session: Option<String>,
    remembered: Option<Transport>,
}

impl Shared {
    pub(crate) fn buffered_bytes(&self) -> u64 {
        self.buffered_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn set_buffered_bytes(&self, bytes: u64) {
        self.buffered_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn losses(&self) -> u64 {
        self.losses.load(Ordering::Relaxed)
    }

    pub(crate) fn lost(&self) {
        self.losses.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn transport(&self) -> Option<Transport> {
        self.with(|seen| seen.transport)
    }

    pub(crate) fn set_transport(&self, transport: Option<Transport>) {
        self.with(|seen| seen.transport = transport);
    }

    pub(crate) fn session(&self) -> Option<String> {
        self.with(|seen| seen.session.clone())
    }

    pub(crate) fn set_session(&self, session: &str) {
        self.with(|seen| seen.session = Some(session.to_owned()));
    }

    pub(crate) fn remembered(&self) -> Option<Transport> {
        self.with(|seen| seen.remembered)
    }

    pub(crate) fn set_remembered(&self, transport: Option<Transport>) {
        self.with(|seen| seen.remembered = transport);
    }

    fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
