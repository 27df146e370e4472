//! The wish to end, as every connection sees it. It must never be taken back.

use tokio::sync::watch;

/// Tells the connections to end.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

/// Waits for it.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stopper {
    pub(crate) fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether the endpoint ends.
    pub(crate) fn has_begun(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Comes true when the endpoint ends, which it also does where it is dropped.
    pub(crate) async fn begun(&self) {
        let mut receiver = self.0.clone();
        // An error means that the endpoint is gone.
        let _ = receiver.wait_for(|stopped| *stopped).await;
    }
}
