//! Times as Go writes them (RFC 3339, with up to nine digits of a second) and as milliseconds since 1970.

use time::{Date, Month};

use crate::time::utc;

/// A time as milliseconds since 1970; `None` where the text is no time, or the zero time of Go.
pub fn parse_time(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at(zone);
    let (year, rest) = date.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (hour, rest) = clock.split_once(':')?;
    let (minute, second) = rest.split_once(':')?;
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    let days = days_of(
        number(year, 4, 0, 9999)?,
        number(month, 2, 1, 12)?,
        number(day, 2, 1, 31)?,
    )?;
    let minutes = (days * 24 + number(hour, 2, 0, 23)?) * 60 + number(minute, 2, 0, 59)?;
    // A leap second is the second before it.
    let second = number(second, 2, 0, 60)?.min(59);
    let at = ((minutes - offset_minutes(zone)?) * 60 + second) * 1000 + milliseconds(fraction)?;
    (at > ZERO_TIME && at < YEAR_10000).then_some(at)
}

/// Milliseconds since 1970 as a time in UTC, by the millisecond.
pub fn format_time(unix_ms: i64) -> String {
    let at = utc(unix_ms);
    let (hour, minute, second) = at.time().as_hms();
    let millis = unix_ms.rem_euclid(1000);
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z",
        at.date()
    )
}

/// Go's zero time, in the year 1, and whatever is near it in another zone.
const ZERO_TIME: i64 = -62_135_000_000_000;

/// From here on a year has five digits.
const YEAR_10000: i64 = 253_402_300_800_000;

fn number(text: &str, digits: usize, min: i64, max: i64) -> Option<i64> {
    let all_digits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = all_digits.then(|| text.parse::<i64>().ok())??;
    (min..=max).contains(&value).then_some(value)
}

fn milliseconds(fraction: &str) -> Option<i64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    Some(digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

fn offset_minutes(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes().first()? {
        b'Z' | b'z' => return (zone.len() == 1).then_some(0),
        b'-' => -1,
        _ => 1,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    Some(sign * (number(hours, 2, 0, 23)? * 60 + number(minutes, 2, 0, 59)?))
}

/// Days since 1970 of a day; none where the month is shorter.
fn days_of(year: i64, month: i64, day: i64) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let year = i32::try_from(year).ok()?;
    let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    Some(date.midnight().as_utc().unix_timestamp() / DAY_S)
}

const DAY_S: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_as_go_writes_them() {
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(parse_time(text), expected, "{text}");
        };
        check("1970-01-01T00:00:00Z", Some(0));
        check("2023-01-29T12:34:56.123456789Z", Some(1_674_995_696_123));
        check("2023-01-29T13:34:56.1+01:00", Some(1_674_995_696_100));
        check("2024-02-29T23:59:59-00:30", Some(1_709_252_999_000));
        check("2016-12-31T23:59:60Z", Some(1_483_228_799_000));
        check("0001-01-01T00:00:00Z", None);
        check("0001-01-01T01:00:00+01:00", None);
        check("9999-12-31T23:59:59Z", Some(253_402_300_799_000));
        check("9999-12-31T23:59:59-00:01", None);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for wrong in [
            "",
            "now",
            "2023-01-29",
            "2023-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2023-01-01T00:00:00",
            "2023-01-01T00:00:00.x1Z",
            "2023-01-01T00:00:00+1:00",
            "2023-01-01T00:00:00Zé",
            "2023-01-01T0é:00:00Z",
        ] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(unix_ms in -62_000_000_000_000_i64..253_402_300_799_999) {
            prop_assert_eq!(parse_time(&format_time(unix_ms)), Some(unix_ms));
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,40}") {
            parse_time(&text);
        }
    }
}
