//! What to do about a request for a token, given what the cache knows: use it, read a new one, or wait.
//!
//! Pure: the date is an argument. It decides the same in every process, which is why one reading serves all.

use std::time::Duration;

use crate::limits::{LOGIN_PAUSE_FIRST, LOGIN_PAUSE_MAX, PAUSE_FIRST, PAUSE_MAX, REFUSED_EARLY};
use crate::record::{Kept, Record};
use crate::source::Place;
use crate::token::Freshness;

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The kept token will do.
    Use,
    /// The kept token has to do: renewing it failed a moment ago.
    UseAfterFailure {
        /// Why it failed.
        reason: String,
    },
    /// Read one. Where the old one is still good, nobody has to wait for another process that is at it.
    Read {
        /// Whether the kept token will do meanwhile.
        old_will_do: bool,
    },
    /// Attempts failed, and it is too early for the next one.
    Pause {
        /// What failed.
        reason: String,
        /// How long to wait.
        wait: Duration,
    },
}

/// Decides at `now` for a caller who began to ask at `begun`, both in milliseconds since 1970.
pub(crate) fn decide(
    record: &Record,
    freshness: &Freshness,
    begun_unix_ms: i64,
    now_unix_ms: i64,
) -> Decision {
    let usable = record
        .kept
        .as_ref()
        .filter(|kept| kept.schedule().usable(now_unix_ms / 1_000));
    match freshness {
        Freshness::Usable if usable.is_some() => Decision::Use,
        Freshness::Usable | Freshness::Cached => cached(record, usable, now_unix_ms),
        Freshness::Renewed(refused) => match usable {
            Some(kept) if kept.read_unix_ms != refused.read_unix_ms => Decision::Use,
            kept => refused_again(record, kept, now_unix_ms)
                .or_else(|| pause(record, now_unix_ms))
                .unwrap_or(Decision::Read { old_will_do: false }),
        },
        Freshness::Fresh => {
            let since = |date: i64| date >= begun_unix_ms;
            match (usable, &record.trouble) {
                (Some(kept), _) if since(kept.read_unix_ms) => Decision::Use,
                // Whoever waited for an attempt of another process does not repeat it.
                (_, Some(trouble)) if since(trouble.last_unix_ms) => {
                    pause(record, now_unix_ms).unwrap_or(Decision::Read { old_will_do: false })
                }
                _ => Decision::Read { old_will_do: false },
            }
        }
    }
}

fn cached(record: &Record, usable: Option<&Kept>, now_unix_ms: i64) -> Decision {
    let Some(kept) = usable else {
        return pause(record, now_unix_ms).unwrap_or(Decision::Read { old_will_do: false });
    };
    if !kept.schedule().due(now_unix_ms / 1_000) {
        return Decision::Use;
    }
    match pause(record, now_unix_ms) {
        Some(Decision::Pause { reason, .. }) => Decision::UseAfterFailure { reason },
        _ => Decision::Read { old_will_do: true },
    }
}

/// The pause after failed readings, while it lasts.
fn pause(record: &Record, now_unix_ms: i64) -> Option<Decision> {
    let trouble = record.trouble.as_ref()?;
    let pauses = match record.place {
        // An outage of the server need not cost more than it lasts.
        Place::Login { .. } => (LOGIN_PAUSE_FIRST, LOGIN_PAUSE_MAX),
        _ => (PAUSE_FIRST, PAUSE_MAX),
    };
    let wait = left(pauses, trouble.count, trouble.last_unix_ms, now_unix_ms)?;
    let reason = trouble.reason.clone();
    Some(Decision::Pause { reason, wait })
}

/// The pause where new tokens are refused as soon as they are shown: the next one would hardly fare better.
fn refused_again(record: &Record, kept: Option<&Kept>, now_unix_ms: i64) -> Option<Decision> {
    let kept = kept.filter(|kept| refused_early(kept, now_unix_ms))?;
    let first = match record.place {
        Place::Login { .. } => LOGIN_PAUSE_FIRST,
        _ => PAUSE_FIRST,
    };
    let pauses = (first, PAUSE_MAX);
    let wait = left(pauses, kept.refusals, kept.read_unix_ms, now_unix_ms)?;
    let reason = format!(
        "{} tokens in a row were refused soon after they had been read",
        kept.refusals.saturating_add(1)
    );
    Some(Decision::Pause { reason, wait })
}

/// Whether a refusal now comes too soon to be one for age.
pub(crate) fn refused_early(kept: &Kept, now_unix_ms: i64) -> bool {
    let age = now_unix_ms.saturating_sub(kept.read_unix_ms);
    u128::try_from(age).is_ok_and(|age| age < REFUSED_EARLY.as_millis())
}

/// What is left of the pause after `count` failures, the last one at `last`. A date in the future is a clock that was
/// set back, and pauses nobody.
fn left(
    (first, max): (Duration, Duration),
    count: u32,
    last_unix_ms: i64,
    now_unix_ms: i64,
) -> Option<Duration> {
    let doublings = count.checked_sub(1)?.min(DOUBLINGS_MAX);
    let whole = (first * 2_u32.pow(doublings)).min(max);
    let passed = u64::try_from(now_unix_ms.saturating_sub(last_unix_ms)).ok()?;
    whole
        .checked_sub(Duration::from_millis(passed))
        .filter(|left| !left.is_zero())
}

/// More would be beyond the longest pause anyway.
const DOUBLINGS_MAX: u32 = 12;

#[cfg(test)]
mod tests;
