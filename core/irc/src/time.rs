//! The time tag of `server-time`: ISO 8601 in UTC, both ways. It must never take a time that is not one.

use time::{Date, Month, UtcDateTime};

/// Milliseconds since 1970 of `2026-01-02T03:04:05.678Z`.
pub fn parse(text: &str) -> Option<i64> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.splitn(3, ':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let is_time = hour < 24 && minute < 60 && second <= 60;
    if year < 1970 || !is_time {
        return None;
    }
    // Digits beyond the third are finer than anything here.
    let thousandths = number(format!("{fraction:0<3}").get(..3)?)?;
    let seconds = (hour * 60 + minute) * 60 + second;
    let midnight = midnight_unix_s(year, month, day)?;
    Some((midnight + seconds) * 1000 + thousandths)
}

/// The other way, with milliseconds.
pub(crate) fn format(unix_ms: i64) -> String {
    let first = UtcDateTime::MIN.unix_timestamp();
    let last = UtcDateTime::MAX.unix_timestamp();
    let seconds = unix_ms.div_euclid(1000).clamp(first, last);
    let at = UtcDateTime::from_unix_timestamp(seconds).unwrap_or(UtcDateTime::UNIX_EPOCH);
    let (hour, minute, second) = at.time().as_hms();
    let thousandths = unix_ms.rem_euclid(1000);
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}.{thousandths:03}Z",
        at.date()
    )
}

/// The first second of a day, in seconds since 1970; none where the month is shorter.
fn midnight_unix_s(year: i64, month: i64, day: i64) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let year = i32::try_from(year).ok()?;
    let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    Some(date.midnight().as_utc().unix_timestamp())
}

fn number(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read() {
        assert_eq!(parse("1970-01-01T00:00:00.000Z"), Some(0));
        assert_eq!(parse("2026-11-21T20:35:01.25Z"), Some(1_795_293_301_250));
        assert_eq!(parse("2024-02-29T23:59:60Z"), Some(1_709_251_200_000));
        for not in [
            "",
            "Z",
            "2026-01-02",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00.é9Z",
            "-026-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(not), None, "{not}");
        }
    }

    proptest! {
        #[test]
        fn a_time_comes_back(ms in 0i64..253_402_300_800_000) {
            prop_assert_eq!(parse(&format(ms)), Some(ms));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = parse(&text);
        }
    }
}
