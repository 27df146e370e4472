//! How much is remembered of what is over. What still has to be told is bounded by each recipient's own `queue_max`.

/// How much is remembered of what is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Ids of taken messages that are remembered of one room, however old they are. No side's history reaches further back.
    pub known_min: u32,
    /// Ids that are remembered of one room at most.
    pub known_max: u32,
    /// How long ids beyond `known_min` are remembered, in milliseconds.
    pub known_age_ms: i64,
    /// Messages whose copies on other sides are remembered, so that an edit or a reply finds them.
    pub originals_max: u32,
    /// Messages whose author and start are remembered, for replies to them.
    pub quotes_max: u32,
    /// Ids of our own users that are remembered of one side; the oldest goes.
    pub own_max: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            known_min: 5_000,
            known_max: 50_000,
            known_age_ms: 7 * 24 * 60 * 60 * 1000,
            originals_max: 20_000,
            quotes_max: 2_000,
            own_max: 64,
        }
    }
}

/// Requests that wait for the store's thread. Whoever asks more waits.
pub(crate) const WAITING_REQUESTS_MAX: usize = 256;

/// Requests that share one commit.
pub(crate) const BATCH_MAX: usize = 64;

/// Accepted messages after which the bounds are looked after again.
pub(crate) const ACCEPTED_BETWEEN_PRUNES: u32 = 256;

/// Messages that one sweep gives up at most, so that nobody waits long behind it.
pub(crate) const SWEPT_MAX: u32 = 1_000;

/// Ids longer than this, in bytes, are kept as their hash.
pub(crate) const ID_BYTES_MAX: usize = 128;

/// How far a message's time may be ahead of this machine's, in milliseconds; a mark further ahead would hide what follows.
pub(crate) const AHEAD_MAX_MS: i64 = 5 * 60 * 1000;

/// Characters of a message that are remembered for replies to it.
pub(crate) const QUOTE_CHARS_MAX: usize = 100;
