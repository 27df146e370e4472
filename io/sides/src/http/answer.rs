//! An answer as its reader needs it. It must never be logged whole: a body may hold a secret.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderMap;

/// Longest wait that a server's `Retry-After` is believed, one hour.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// One answer.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header lines.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// Whether the status is of the 200s.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first value of a header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How long the server wants to be left alone (RFC 9110 section 10.2.3), at most an hour.
    pub fn retry_after(&self, now: SystemTime) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        // Whole seconds by the RFC; some servers give fractions.
        let wait = if let Ok(seconds) = text.parse::<f64>() {
            Duration::try_from_secs_f64(seconds).ok()?
        } else {
            let until = httpdate::parse_http_date(text).ok()?;
            until.duration_since(now).unwrap_or_default()
        };
        Some(wait.min(RETRY_AFTER_MAX))
    }

    /// The body as one line of text, cut at `chars_max`, without control characters: for a sentence about the answer.
    pub fn excerpt(&self, chars_max: usize) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let plain = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(chars_max);
        plain.collect::<String>().trim().to_owned()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert("Retry-After", value.parse().unwrap());
        let answer = Answer {
            status: 429,
            headers,
            body: Bytes::new(),
        };
        answer.retry_after(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_717))
    }

    #[test]
    fn a_wait_is_read_as_seconds_or_as_a_date() {
        assert_eq!(wait("3"), Some(Duration::from_secs(3)));
        assert_eq!(wait("0.65"), Some(Duration::from_millis(650)));
        let date = wait("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date, Some(Duration::from_mins(1)));
        for wrong in ["", "soon", "-1", "NaN", "1e400"] {
            assert_eq!(wait(wrong), None, "{wrong}");
        }
        assert_eq!(wait("1000000"), Some(RETRY_AFTER_MAX));
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        let answer = Answer {
            status: 400,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"no\r\n\x1b[31mgateway, sorry"),
        };
        assert_eq!(answer.excerpt(15), "no   [31mgatewa");
    }
}
