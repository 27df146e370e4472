//! Words for states, spans and moments, the same on the terminal and on the page.

use towpath_sides::{State, Why};

/// A state in a word.
pub(crate) fn state(state: &State) -> &'static str {
    match state {
        State::Connecting => "connecting",
        State::Ready => "ready",
        State::Waiting { .. } => "waiting",
        State::Stopped { .. } => "stopped",
    }
}

/// Why a state is not ready, where it says so.
pub(crate) fn why(state: &State) -> Option<&Why> {
    match state {
        State::Waiting { why, .. } | State::Stopped { why } => Some(why),
        State::Connecting | State::Ready => None,
    }
}

/// A span as people say it: `3 s`, `5 min`, `2 h 10 min`, `4 d`.
pub(crate) fn span(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min"),
        3600..86_400 if minutes % 60 == 0 => format!("{hours} h"),
        3600..86_400 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d"),
    }
}

/// How long ago a moment was.
pub(crate) fn ago(at_unix_ms: i64, now_unix_ms: i64) -> String {
    format!(
        "{} ago",
        span(u64::try_from(now_unix_ms - at_unix_ms).unwrap_or(0))
    )
}

/// In how long a moment comes.
pub(crate) fn ahead(at_unix_ms: i64, now_unix_ms: i64) -> String {
    match u64::try_from(at_unix_ms - now_unix_ms) {
        Ok(left) if left > 0 => format!("in {}", span(left.max(1000))),
        _ => "now".to_owned(),
    }
}

/// A number with its noun.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short() {
        for (milliseconds, expected) in [
            (0, "0 s"),
            (999, "0 s"),
            (59_999, "59 s"),
            (61_000, "1 min"),
            (7_200_000, "2 h"),
            (7_800_000, "2 h 10 min"),
            (345_600_000, "4 d"),
        ] {
            assert_eq!(span(milliseconds), expected);
        }
        assert_eq!(ago(5_000, 1_000), "0 s ago");
        assert_eq!(ahead(1_500, 1_000), "in 1 s");
        assert_eq!(ahead(500, 1_000), "now");
    }
}
