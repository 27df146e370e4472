//! Every bound of this crate by name: sizes, waits and pauses.
//!
//! Nothing here decides; what happens at a bound is told where it is used.

use std::time::Duration;

/// Longest token that is kept, in bytes. Servers seldom take header lines beyond it.
pub const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Longest text a page may hold where the token is looked for, in bytes. Some applications keep a whole document there.
pub const HELD_BYTES_MAX: usize = 256 * 1024;

/// Largest file of the cache that is read, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Most files of the cache that `list` and `forget` look at.
pub const FILES_MAX: usize = 1_000;

/// Longest name of a storage key, cookie, pointer or account, in bytes.
pub const NAME_BYTES_MAX: usize = 512;

/// Longest page address, in bytes.
pub const PAGE_BYTES_MAX: usize = 4 * 1024;

/// Longest reason of a failure that is kept, in characters.
pub const REASON_CHARACTERS_MAX: usize = 400;

/// Longest wait for another process that reads the same token: a browser's start, a page and its patience.
pub const WAIT_FOR_ANOTHER: Duration = Duration::from_secs(90);

/// How long a page has to come up with its token, from going to it. Enough for one that opens its socket after 10 s.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The longest patience that can be asked for. With a browser's start it stays below [`READING_MAX`].
pub const PATIENCE_MAX: Duration = Duration::from_secs(45);

/// Longest reading of one token, whatever the reader's own limits are. Below [`WAIT_FOR_ANOTHER`], so that who waits
/// sees the outcome.
pub const READING_MAX: Duration = Duration::from_secs(75);

/// How often a waiting process looks again.
pub const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Pause after the first failure; it doubles with each further one.
pub const PAUSE_FIRST: Duration = Duration::from_secs(10);

/// Longest pause after failures.
pub const PAUSE_MAX: Duration = Duration::from_hours(1);

/// Pause after the first failed login, which costs a request and no browser; it doubles.
pub const LOGIN_PAUSE_FIRST: Duration = Duration::from_secs(1);

/// Longest pause after failed logins.
pub const LOGIN_PAUSE_MAX: Duration = Duration::from_mins(1);

/// A token that is refused sooner than this after it was read was hardly refused for its age.
pub const REFUSED_EARLY: Duration = Duration::from_mins(10);

/// How far this machine's clock may be off before a date is believed to be wrong.
pub const SKEW: Duration = Duration::from_mins(1);

/// Longest time before its end at which a token is renewed.
pub const MARGIN_MAX: Duration = Duration::from_hours(30 * 24);

/// Longest wait for the keyring's program, in which a person may have to unlock it.
pub const KEYRING_MAX: Duration = Duration::from_mins(1);
