//! One browser for many sockets: started when it is first needed, watched, ended when nobody needs it.
//!
//! A crash is told to every socket at once; another browser is started only when somebody asks for a socket again, and
//! not too soon. It must never restart a browser that works, and never end one that holds a socket.

mod backoff;
mod settings;
mod slot;
mod status;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::carry::{BrowserSocket, Carrier, OpenError, SocketRequest};
use crate::error::BrowserError;

pub use self::settings::KeeperSettings;
use self::settings::Timing;
use self::slot::Slot;
pub use self::status::BrowserStatus;
use self::status::Facts;
use self::watch::WAS_ENDED;

/// A browser that is there when it is needed. Cheap to clone; starts nothing by itself. The browser ends when the last
/// clone is dropped, and with it the sockets in it.
#[derive(Clone)]
pub struct Keeper {
    inner: Arc<Inner>,
}

struct Inner {
    settings: KeeperSettings,
    timing: Timing,
    /// Held while a browser is started or let go, so that there is never more than one.
    slot: tokio::sync::Mutex<Slot>,
    facts: Mutex<Facts>,
    /// Interrupts a start that is under way.
    ending: Notify,
    /// Tells those who waited for a start that it failed.
    starts_failed: AtomicU64,
    /// Callers that may be about to have a socket.
    opening: AtomicUsize,
}

impl Keeper {
    /// Nothing is looked for or started before the first [`Keeper::open`].
    pub fn new(settings: KeeperSettings) -> Self {
        Self::with_timing(settings, Timing::default())
    }

    fn with_timing(settings: KeeperSettings, timing: Timing) -> Self {
        Self {
            inner: Arc::new(Inner {
                settings,
                timing,
                slot: tokio::sync::Mutex::default(),
                facts: Mutex::default(),
                ending: Notify::new(),
                starts_failed: AtomicU64::new(0),
                opening: AtomicUsize::new(0),
            }),
        }
    }

    /// Opens a socket in the browser, which is started where none runs. Takes at most the request's time.
    ///
    /// Cancelling gives the socket up; a browser that is being started goes on starting for the next caller. Needs a
    /// tokio runtime.
    pub async fn open(&self, mut request: SocketRequest) -> Result<BrowserSocket, OpenError> {
        let limit = request.timeout;
        let deadline = Instant::now() + limit;
        let _opening = Opening::enter(&self.inner);
        let mut tries = 0;
        loop {
            tries += 1;
            let ready = timeout_at(deadline, async {
                self.inner.keep_to_ceiling().await?;
                self.carrier().await
            });
            let Ok(carrier) = ready.await else {
                return Err(OpenError::TimedOut { limit });
            };
            request.timeout = deadline.saturating_duration_since(Instant::now());
            match carrier?.open(&request).await {
                // The caller came while something crashed, of which nothing is lost yet.
                Err(OpenError::Browser(BrowserError::Ended { reason }))
                    if tries < TRIES_MAX && reason != WAS_ENDED => {}
                Err(OpenError::TimedOut { .. }) => return Err(OpenError::TimedOut { limit }),
                outcome => return outcome,
            }
        }
    }

    /// What is known of the browser, with its memory as it was measured last; see [`Keeper::measure`].
    pub fn status(&self) -> BrowserStatus {
        self.inner.facts().status(&self.inner.settings)
    }

    /// As [`Keeper::status`], with the memory measured now.
    pub async fn measure(&self) -> BrowserStatus {
        let process = self.inner.facts().process();
        if let Some(process) = process {
            self.inner.measure(process).await;
        }
        self.status()
    }

    /// Ends the browser and waits until nothing of it is left; its sockets end with 1006 where they are open. In a
    /// browser that was attached to, only our pages end. A later [`Keeper::open`] starts another one.
    pub async fn end(&self) {
        self.inner.end("it was told to end").await;
    }

    async fn carrier(&self) -> Result<Carrier, OpenError> {
        if let Ok(slot) = self.inner.slot.try_lock()
            && let Some(carrier) = slot.carrier()
        {
            return Ok(carrier);
        }
        let inner = Arc::clone(&self.inner);
        // A task of its own, since a start that one caller gives up is still wanted by the others.
        match tokio::spawn(async move { inner.obtain().await }).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(BrowserError::ended("the runtime is ending").into()),
        }
    }
}

impl Inner {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses a further socket where the browser is too large; where it holds none, it makes way for a new one.
    async fn keep_to_ceiling(&self) -> Result<(), OpenError> {
        let Some(over) = self.over_ceiling() else {
            return Ok(());
        };
        let is_ours_alone = self.opening.load(Ordering::Acquire) == 1;
        if is_ours_alone && self.facts().sockets() == 0 {
            self.end("it was over its memory ceiling").await;
            return Ok(());
        }
        Err(OpenError::Limit { what: over })
    }

    /// What to say where the browser took more than it may when it was measured last.
    fn over_ceiling(&self) -> Option<String> {
        let max = self.settings.memory_bytes_max?;
        let taken = self.facts().pss_bytes()?;
        (taken > max).then(|| {
            format!(
                "the browser takes {} MB of at most {} MB",
                taken / BYTES_PER_MEGABYTE,
                max / BYTES_PER_MEGABYTE
            )
        })
    }

    /// Whether the browser could go without anybody's loss.
    fn is_idle(&self) -> bool {
        self.opening.load(Ordering::Acquire) == 0 && self.facts().sockets() == 0
    }

    async fn measure(&self, process: u32) {
        let measured = tokio::task::spawn_blocking(move || crate::memory::measure(process)).await;
        if let Ok(memory) = measured {
            self.facts().measured(process, memory);
        }
    }
}

/// Counts one caller that wants a socket.
struct Opening<'a> {
    inner: &'a Inner,
}

impl<'a> Opening<'a> {
    fn enter(inner: &'a Inner) -> Self {
        inner.opening.fetch_add(1, Ordering::AcqRel);
        Self { inner }
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.inner.opening.fetch_sub(1, Ordering::AcqRel);
    }
}

/// How often a socket is asked for where the page or the browser ends meanwhile.
const TRIES_MAX: u32 = 2;
const BYTES_PER_MEGABYTE: u64 = 1_000_000;
