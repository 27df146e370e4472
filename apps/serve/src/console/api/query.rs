//! What a question says behind its `?`. What cannot be read is as if it were not there.

use std::time::{SystemTime, UNIX_EPOCH};

use url::form_urlencoded;

/// The parts of a query that have a meaning somewhere.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    hours: Option<u64>,
    /// Only cases with this cause.
    pub(super) cause: Option<String>,
    /// Only cases of this network.
    pub(super) network: Option<String>,
    /// Only cases that hold this text.
    pub(super) text: Option<String>,
    /// At most so many.
    pub(super) limit: Option<u32>,
}

impl Query {
    /// Reads a query; parts without a value are left out.
    pub(super) fn of(text: &str) -> Self {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let value = value.trim();
            let some = (!value.is_empty()).then(|| value.chars().take(CHARACTERS_MAX).collect());
            match &*name {
                "hours" => query.hours = value.parse().ok(),
                "cause" => query.cause = some,
                "network" => query.network = some,
                "q" => query.text = some,
                "limit" => query.limit = value.parse().ok(),
                _ => {}
            }
        }
        query
    }

    /// How far back, in hours; a day where nothing is said.
    pub(super) fn hours(&self) -> u64 {
        self.hours.unwrap_or(24).clamp(1, HOURS_MAX)
    }

    /// Since when, in milliseconds since 1970-01-01 UTC; from the beginning where nothing is said.
    pub(super) fn since_unix_ms(&self) -> u64 {
        let hours = self.hours.map(|hours| hours.clamp(1, HOURS_MAX));
        hours.map_or(0, |hours| now_unix_ms().saturating_sub(hours * HOUR_MS))
    }
}

/// By the system's clock, as cases are dated.
pub(super) fn now_unix_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

/// Milliseconds of an hour.
pub(super) const HOUR_MS: u64 = 3_600_000;

/// A year.
const HOURS_MAX: u64 = 366 * 24;

/// Of one value.
const CHARACTERS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_as_browsers_write_them() {
        let query = Query::of("cause=time-idle&network=192.0.2.0%2F24&q=&hours=6&x=1");
        assert_eq!(query.cause.as_deref(), Some("time-idle"));
        assert_eq!(query.network.as_deref(), Some("192.0.2.0/24"));
        assert_eq!((query.text, query.limit), (None, None));
        assert_eq!(query.hours, Some(6));
    }

    #[test]
    fn nonsense_is_as_if_it_were_not_there() {
        let query = Query::of("hours=many&limit=-1&q=%FF%00&&=");
        assert_eq!((query.hours(), query.limit), (24, None));
        assert_eq!(query.since_unix_ms(), 0);
        assert_eq!(Query::of("hours=99999999999").hours(), HOURS_MAX);
        assert_eq!(Query::of("hours=0").hours(), 1);
    }
}
