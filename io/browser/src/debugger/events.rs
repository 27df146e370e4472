//! Events on their way to one listener, with a bound.
//!
//! A listener that does not keep up loses its place and learns that; it must never hold up the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use crate::protocol::Event;

/// The events of one session for one listener.
pub(crate) struct Events {
    receiver: mpsc::Receiver<Arc<Event>>,
    too_slow: Arc<AtomicBool>,
}

/// Why no more events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventsEnd {
    /// The page or the browser is gone.
    Ended,
    /// More than [`EVENTS_QUEUED_MAX`] events were waiting; what came after them is lost.
    TooSlow,
}

impl Events {
    /// The next event. Cancelling loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Arc<Event>, EventsEnd> {
        match self.receiver.recv().await {
            Some(event) => Ok(event),
            None if self.too_slow.load(Ordering::Acquire) => Err(EventsEnd::TooSlow),
            None => Err(EventsEnd::Ended),
        }
    }
}

/// The sending end.
pub(super) struct Listener {
    prefixes: &'static [&'static str],
    sender: mpsc::Sender<Arc<Event>>,
    too_slow: Arc<AtomicBool>,
}

pub(super) fn pair(prefixes: &'static [&'static str]) -> (Listener, Events) {
    let (sender, receiver) = mpsc::channel(EVENTS_QUEUED_MAX);
    let too_slow = Arc::new(AtomicBool::new(false));
    let listener = Listener {
        prefixes,
        sender,
        too_slow: Arc::clone(&too_slow),
    };
    (listener, Events { receiver, too_slow })
}

impl Listener {
    pub(super) fn is_heard(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Passes an event on. `false` when the listener is to be forgotten.
    pub(super) fn hear(&mut self, event: &Arc<Event>) -> bool {
        let wanted = self.prefixes.is_empty()
            || self
                .prefixes
                .iter()
                .any(|prefix| event.method.starts_with(prefix));
        if !wanted {
            return self.is_heard();
        }
        match self.sender.try_send(Arc::clone(event)) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.too_slow.store(true, Ordering::Release);
                false
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }
}

/// Events that may wait for one listener.
pub(super) const EVENTS_QUEUED_MAX: usize = 1_024;
