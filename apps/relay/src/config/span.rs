//! Spans of time with their unit: `30 s`, `5 minutes`, `24h`.

use std::time::Duration;

/// Reads a span.
pub(super) fn read(text: &str) -> Option<Duration> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let milliseconds = match unit.trim() {
        "ms" | "millisecond" | "milliseconds" => 1,
        "s" | "second" | "seconds" => 1_000,
        "m" | "min" | "minute" | "minutes" => 60_000,
        "h" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => 86_400_000,
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

/// Writes a span so that it is read as the same.
pub(super) fn written(span: Duration) -> String {
    let milliseconds = span.as_millis();
    for (unit, name) in [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "min"),
        (1_000, "s"),
    ] {
        if milliseconds > 0 && milliseconds.is_multiple_of(unit) {
            return format!("{} {name}", milliseconds / unit);
        }
    }
    format!("{milliseconds} ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units() {
        for (text, milliseconds) in [
            ("30 s", Some(30_000)),
            ("24h", Some(86_400_000)),
            ("5 minutes", Some(300_000)),
            ("0 s", Some(0)),
            ("250ms", Some(250)),
            ("30", None),
            ("s", None),
            ("-3 s", None),
            ("1.5 h", None),
            ("99999999999999999999 s", None),
            ("18446744073709551615 d", None),
            ("3 weeks", None),
        ] {
            assert_eq!(
                read(text),
                milliseconds.map(Duration::from_millis),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for milliseconds in [0, 1, 999, 1_000, 90_000, 3_600_000, 86_400_000, 172_800_000] {
            let span = Duration::from_millis(milliseconds);
            assert_eq!(read(&written(span)), Some(span));
        }
    }
}
