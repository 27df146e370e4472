//! The query of a probe's address: bounded numbers and a few words.
//!
//! Unknown names are left alone, since hops and browsers add some. It must never take a number beyond its bound.

use thiserror::Error;
use towpath_session::body::is_attempt;

use super::limits::{BEAT_MS_MAX, COUNT_MAX, STREAM_MS_MAX, WAIT_MS_MAX};

/// What a probe was asked for. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    /// The run's attempt id.
    pub(super) attempt: Box<str>,
    /// How a WebSocket behaves.
    pub(super) mode: Mode,
    /// Whether compression may be agreed on.
    pub(super) deflate: bool,
    /// Chunks of a stream.
    pub(super) count: u64,
    /// From one chunk to the next.
    pub(super) beat: u64,
    /// Silence before the last chunk.
    pub(super) idle: u64,
    /// Until a poll is answered.
    pub(super) wait: u64,
}

/// Who speaks first on a WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// The client; everything comes back.
    #[default]
    Echo,
    /// The server, with `hello`; then everything comes back.
    First,
    /// Nobody need; what comes is answered.
    Silent,
}

/// A query that cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum WrongParameter {
    /// No id, or none of 6 to 16 letters and digits.
    #[error("attempt: 6 to 16 of a-z and 0-9 are needed")]
    Attempt,
    /// Another word.
    #[error("mode: echo, first or silent")]
    Mode,
    /// No number, or one beyond its bound.
    #[error("{name}: a whole number from {least} to {most} is needed")]
    Number {
        /// Which.
        name: &'static str,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// All chunks together take too long.
    #[error("count, beat and idle come to more than {STREAM_MS_MAX} ms")]
    Length,
}

impl Parameters {
    /// Reads a query. The first of several of the same name counts.
    pub(super) fn parse(query: &str) -> Result<Self, WrongParameter> {
        let find = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find_map(|(key, value)| (key == name).then_some(value))
        };
        let number = |name, default, least, most| {
            let Some(text) = find(name) else {
                return Ok(default);
            };
            let is_digits = text.len() <= DIGITS_MAX && text.bytes().all(|b| b.is_ascii_digit());
            let number = text.parse().ok().filter(|_| is_digits);
            number
                .filter(|number| (least..=most).contains(number))
                .ok_or(WrongParameter::Number { name, least, most })
        };
        let attempt = find("attempt").filter(|attempt| is_attempt(attempt));
        let parameters = Self {
            attempt: attempt.ok_or(WrongParameter::Attempt)?.into(),
            mode: match find("mode") {
                None | Some("echo") => Mode::Echo,
                Some("first") => Mode::First,
                Some("silent") => Mode::Silent,
                Some(_) => return Err(WrongParameter::Mode),
            },
            deflate: find("deflate") == Some("1"),
            count: number("count", 5, 1, COUNT_MAX)?,
            beat: number("beat", 200, 0, BEAT_MS_MAX)?,
            idle: number("idle", 0, 0, WAIT_MS_MAX)?,
            wait: number("wait", 0, 0, WAIT_MS_MAX)?,
        };
        let length = (parameters.count - 1) * parameters.beat + parameters.idle;
        if length > STREAM_MS_MAX {
            return Err(WrongParameter::Length);
        }
        Ok(parameters)
    }
}

/// Enough for every bound.
const DIGITS_MAX: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_a_default() {
        let parameters = Parameters::parse("utm=1&attempt=4f9k2m&mode=first&deflate=1&x").unwrap();
        assert_eq!(&*parameters.attempt, "4f9k2m");
        assert_eq!(parameters.mode, Mode::First);
        assert!(parameters.deflate);
        assert_eq!((parameters.count, parameters.beat), (5, 200));
        assert_eq!((parameters.idle, parameters.wait), (0, 0));
        let longest = Parameters::parse("attempt=4f9k2m&count=16&beat=1000&idle=60000&wait=60000");
        assert_eq!(longest.unwrap().idle, 60_000);
    }

    #[test]
    fn hostile_queries_are_refused_by_name() {
        for (query, at) in [
            ("", "attempt"),
            ("attempt=", "attempt"),
            ("attempt=4F9K2M", "attempt"),
            ("attempt=abcdefghijklmnopq", "attempt"),
            ("attempt=..%2f..%2f", "attempt"),
            ("attempt=4f9k2m&mode=loud", "mode"),
            ("attempt=4f9k2m&count=0", "count"),
            ("attempt=4f9k2m&count=65", "count"),
            ("attempt=4f9k2m&count=-1", "count"),
            ("attempt=4f9k2m&count=+1", "count"),
            ("attempt=4f9k2m&count=1e9", "count"),
            ("attempt=4f9k2m&count=99999999999999999999999999", "count"),
            ("attempt=4f9k2m&beat=5001", "beat"),
            ("attempt=4f9k2m&beat=18446744073709551615", "beat"),
            ("attempt=4f9k2m&idle=60001", "idle"),
            ("attempt=4f9k2m&wait=60001", "wait"),
            ("attempt=4f9k2m&wait=", "wait"),
            ("attempt=4f9k2m&count=64&beat=5000", "count, beat and idle"),
        ] {
            let wrong = Parameters::parse(query).unwrap_err().to_string();
            assert!(wrong.starts_with(at), "{query}: {wrong}");
        }
    }
}
