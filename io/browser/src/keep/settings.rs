//! How a browser is kept. Plain data.

use std::time::Duration;

use crate::options::BrowserOptions;

/// What is to be kept, and within which bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeeperSettings {
    /// How the browser is started, or which one is attached to.
    pub options: BrowserOptions,
    /// The most memory the browser may take, as proportional set size in bytes; above it no further socket is opened,
    /// and the browser is replaced as soon as it holds none. It does not concern a browser that is attached to.
    pub memory_bytes_max: Option<u64>,
    /// A browser that has held no socket for this long is ended; the next socket starts another one.
    pub idle_recycle: Duration,
}

impl Default for KeeperSettings {
    fn default() -> Self {
        Self {
            options: BrowserOptions::default(),
            memory_bytes_max: None,
            idle_recycle: IDLE_RECYCLE,
        }
    }
}

/// How often what is looked at. Not for users; tests have less time.
#[derive(Debug, Clone)]
pub(super) struct Timing {
    /// Between two questions whether the browser is well.
    pub(super) health_pause: Duration,
    /// How long it may take to answer.
    pub(super) health_limit: Duration,
    /// From the start to the first measurement of memory.
    pub(super) memory_first: Duration,
    /// Between two measurements.
    pub(super) memory_pause: Duration,
    /// The shortest pause after a crash.
    pub(super) backoff_min: Duration,
    /// The longest.
    pub(super) backoff_max: Duration,
    /// A browser that lived this long was no part of a series of crashes.
    pub(super) steady: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            health_pause: Duration::from_secs(15),
            health_limit: Duration::from_secs(10),
            memory_first: Duration::from_secs(2),
            memory_pause: Duration::from_secs(30),
            backoff_min: Duration::from_millis(500),
            backoff_max: Duration::from_secs(30),
            steady: Duration::from_mins(1),
        }
    }
}

/// Default of [`KeeperSettings::idle_recycle`].
const IDLE_RECYCLE: Duration = Duration::from_mins(10);
