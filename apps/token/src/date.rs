//! Dates as people and programs read them.

use std::time::SystemTime;

use time::UtcDateTime;

/// A date of RFC 3339 in UTC, `2026-11-21T17:30:00Z`.
pub(crate) fn written(unix_s: i64) -> String {
    let first = UtcDateTime::MIN.unix_timestamp();
    let last = UtcDateTime::MAX.unix_timestamp();
    let at = UtcDateTime::from_unix_timestamp(unix_s.clamp(first, last));
    let at = at.unwrap_or(UtcDateTime::UNIX_EPOCH);
    let (hour, minute, second) = at.time().as_hms();
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", at.date())
}

/// The same for a person: `2026-11-21 17:30 UTC`.
pub(crate) fn shown(unix_s: i64) -> String {
    let written = written(unix_s);
    let (day, time) = written.split_at(written.len() - "T17:30:00Z".len());
    format!("{day} {} UTC", &time[1..6])
}

/// A span in its largest unit: `3 days`, `1 hour`.
pub(crate) fn span(seconds: i64) -> String {
    let seconds = seconds.abs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / DAY, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// How long since: `just now`, `3 days ago`.
pub(crate) fn ago(seconds: i64) -> String {
    if seconds < 2 {
        "just now".to_owned()
    } else {
        format!("{} ago", span(seconds))
    }
}

/// Whole seconds since 1970.
pub(crate) fn unix_s(time: SystemTime) -> i64 {
    let seconds = |duration: std::time::Duration| i64::try_from(duration.as_secs());
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => seconds(since).unwrap_or(i64::MAX),
        Err(before) => seconds(before.duration()).map_or(i64::MIN, |seconds| -seconds),
    }
}

const DAY: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (unix_s, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(written(unix_s), expected);
        }
        assert_eq!(shown(1_709_164_861), "2024-02-29 00:01 UTC");
    }

    #[test]
    fn spans_have_one_unit() {
        for (seconds, expected) in [
            (1, "1 second"),
            (-90, "90 seconds"),
            (121, "2 minutes"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(seconds), expected);
        }
    }
}
