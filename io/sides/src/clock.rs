//! This machine's clock, for what is told to people and to other machines. Waits are measured by another clock, which never jumps.

use std::time::SystemTime;

/// Milliseconds since 1970.
pub(crate) fn now_unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
