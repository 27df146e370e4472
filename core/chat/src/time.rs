//! A time as people read it, in UTC. It must never ask a clock.

/// The day: `2026-11-21`.
pub(crate) fn date(unix_ms: i64) -> String {
    let (year, month, day) = civil(unix_ms.div_euclid(DAY_MS));
    format!("{year:04}-{month:02}-{day:02}")
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

/// Year, month and day of a count of days since 1970, by the Gregorian calendar. Years begin in March here, so that a leap day is the
/// last of its year.
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + TO_1970;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

pub(crate) const DAY_MS: i64 = 86_400_000;

/// Days from the first of March of the year 0 to 1970.
pub(crate) const TO_1970: i64 = 719_468;

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
