//! A time as people read it, in UTC. It must never ask a clock.

use time::UtcDateTime;

/// A time as the calendar has it. What lies beyond its years is its first or last moment.
pub(crate) fn utc(unix_ms: i64) -> UtcDateTime {
    let first = UtcDateTime::MIN.unix_timestamp();
    let last = UtcDateTime::MAX.unix_timestamp();
    let seconds = unix_ms.div_euclid(1000).clamp(first, last);
    UtcDateTime::from_unix_timestamp(seconds).unwrap_or(UtcDateTime::UNIX_EPOCH)
}

/// The day: `2026-11-21`.
pub(crate) fn date(unix_ms: i64) -> String {
    utc(unix_ms).date().to_string()
}

/// The time of day, with the day before it where that is not the day of `now_unix_ms`: `14:05` or `2026-11-20 14:05`.
pub(crate) fn time(unix_ms: i64, now_unix_ms: i64) -> String {
    let minute = unix_ms.rem_euclid(DAY_MS) / 60_000;
    let time = format!("{:02}:{:02}", minute / 60, minute % 60);
    if unix_ms.div_euclid(DAY_MS) == now_unix_ms.div_euclid(DAY_MS) {
        time
    } else {
        format!("{} {time}", date(unix_ms))
    }
}

const DAY_MS: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (unix_s, expect) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_763_722_800, "2025-11-21"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(date(unix_s * 1000), expect);
        }
    }

    #[test]
    fn the_day_stands_only_where_it_is_another() {
        let now = 1_763_722_800_000;
        assert_eq!(time(now - 3_600_000, now), "10:00");
        assert_eq!(time(now - 43_200_000, now), "2025-11-20 23:00");
    }

    #[test]
    fn no_time_is_too_far() {
        for unix_ms in [i64::MIN, i64::MAX] {
            assert!(!time(unix_ms, 0).is_empty());
        }
    }
}
