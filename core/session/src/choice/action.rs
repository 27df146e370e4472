//! What a choice tells its host, and the times it goes by.

use super::Transport;

/// While nothing is proven, the next transport starts this long after the one before.
pub const STAGGER_MS: u64 = 200;
/// An attempt that is not proven by then has failed.
pub const ATTEMPT_MS: u64 = 10_000;
/// Better attempts go on this long after a win, or [`GRACE_FACTOR`] times what the winner took.
pub const GRACE_MS: u64 = 2_000;
/// See [`GRACE_MS`].
pub const GRACE_FACTOR: u64 = 4;
/// A transport that dies sooner after it was proven gets a strike.
pub const EARLY_MS: u64 = 5_000;
/// After sleep nothing counts for this long.
pub const SLEEP_MS: u64 = 5_000;
/// First wait before better transports are tried again; it doubles.
pub const PROBE_MS: u64 = 60_000;
/// Longest wait before better transports are tried again.
pub const PROBE_MAX_MS: u64 = 3_600_000;
/// How long the host keeps what [`Action::Remember`] says.
pub const REMEMBER_MS: u64 = 1_800_000;
/// The waits between rounds in which nothing worked, the first one after a loss.
pub const WAITS_MS: [u64; 4] = [0, 100, 200, 400];
/// How long the last of [`WAITS_MS`] is used before it doubles.
pub const WAITS_FLAT_MS: u64 = 5_000;
/// The longest wait.
pub const WAIT_MAX_MS: u64 = 10_000;

/// What the host has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Attach over this transport.
    Start {
        /// Over which.
        transport: Transport,
        /// `use` of attach, unless another attempt is under way or a transport in use by the time that attach is sent; the
        /// generation is taken then, too. Where it was not sent, send `use` when this attempt wins.
        in_use: bool,
        /// Say [`super::Choice::proven`] only after a ping was answered, too.
        ping: bool,
    },
    /// Give the attempt or the transport up.
    Cancel {
        /// Which.
        transport: Transport,
    },
    /// Send `use` on this candidate; the transport in use before ends by itself.
    Use {
        /// Which.
        transport: Transport,
    },
    /// Start with this transport next time, for [`REMEMBER_MS`].
    Remember {
        /// Which.
        transport: Transport,
    },
    /// Forget what was remembered.
    Forget,
    /// Nothing worked: call [`super::Choice::retry`] after this long and up to a quarter more, or at once when the browser is
    /// online again, the page is shown or the network changed.
    Wait {
        /// Milliseconds.
        milliseconds: u64,
    },
}
