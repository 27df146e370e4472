//! Moments as ISO 8601 writes them, from and to milliseconds since 1970-01-01 UTC.

/// For example `2026-11-21T07:08:09.123Z`.
pub fn iso(unix_ms: u64) -> String {
    let (days, ms) = (unix_ms / DAY_MS, unix_ms % DAY_MS);
    let (year, month, day) = date(i64::try_from(days).unwrap_or(0));
    let (hour, minute) = (ms / 3_600_000, ms / 60_000 % 60);
    let (second, ms) = (ms / 1_000 % 60, ms % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Milliseconds since 1970 for `YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm)`.
pub fn unix_ms(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let separators = [(4, '-'), (7, '-'), (10, 'T'), (13, ':'), (16, ':')];
    let well_formed = separators
        .iter()
        .all(|(at, separator)| text.get(*at..=*at) == Some(separator.encode_utf8(&mut [0; 4])));
    if !well_formed {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let rest = text.get(19..)?;
    let digits = rest.strip_prefix('.').map_or("", |fraction| {
        let end = fraction
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(fraction.len());
        &fraction[..end]
    });
    let padded: String = format!("{digits}000").chars().take(3).collect();
    let zone = rest
        .trim_start_matches('.')
        .trim_start_matches(|c: char| c.is_ascii_digit());
    let offset_minutes = match zone.split_at_checked(1) {
        Some((sign @ ("+" | "-"), offset)) => {
            let (hours, minutes) = offset.split_once(':')?;
            let total = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            if sign == "+" { total } else { -total }
        }
        _ => 0,
    };
    let minutes = days(year, month, day) * 1_440 + hour * 60 + minute - offset_minutes;
    let ms = (minutes * 60 + second) * 1_000 + padded.parse::<i64>().ok()?;
    u64::try_from(ms).ok()
}

/// Days since 1970-01-01 of a date in the Gregorian calendar. Years are counted from March, so that the
/// leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - DAYS_BEFORE_1970
}

/// The inverse of [`days`].
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_BEFORE_1970;
    let mut year = days / 366;
    while self::days(year + 1, 3, 1) <= days - DAYS_BEFORE_1970 {
        year += 1;
    }
    let of_year = days - DAYS_BEFORE_1970 - self::days(year, 3, 1);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12 + 1;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

/// From 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_1970: i64 = 719_468;

const DAY_MS: u64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_795_244_889_123, "2026-11-21T07:08:09.123Z"),
        ] {
            assert_eq!(iso(ms), text);
            assert_eq!(unix_ms(text), Some(ms));
        }
    }

    #[test]
    fn zones_and_fractions_are_understood() {
        assert_eq!(unix_ms("1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(unix_ms("1969-12-31T23:30:00-00:30"), Some(0));
        assert_eq!(unix_ms("1970-01-01T00:00:00.5Z"), Some(500));
        assert_eq!(unix_ms("1970-01-01T00:00:00.123456Z"), Some(123));
    }

    #[test]
    fn other_text_is_no_moment() {
        for text in [
            "",
            "yesterday",
            "1970-13-01T00:00:00Z",
            "1970-01-01 00:00:00",
            "1960-01-01T00:00:00Z",
            "1970-01-01T00:00:00+x",
            "ä970-01-01T00:00:00Z",
        ] {
            assert_eq!(unix_ms(text), None, "{text}");
        }
    }
}
