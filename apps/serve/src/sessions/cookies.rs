//! The backend's cookies on their way to the browser: its 101 or refusal sets them, an answer to `send` carries them.
//!
//! A script could not set them, `HttpOnly` ones least of all. They must never be logged.

use http::header::{HeaderMap, HeaderValue, SET_COOKIE};

/// Cookies that wait for an answer to carry them.
#[derive(Default)]
pub(super) struct Cookies {
    waiting: Option<Box<Waiting>>,
}

struct Waiting {
    cookies: Vec<HeaderValue>,
    /// Since when answers carry them. An answer may be lost, so a few do.
    carried_since: Option<u64>,
}

impl Cookies {
    /// Keeps the cookies that `headers` set for a request of `target`; says whether there are any.
    pub(super) fn keep(&mut self, headers: &HeaderMap, target: &str) -> bool {
        let path = default_path(target);
        let cookies: Vec<HeaderValue> = headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|cookie| with_path(cookie, path))
            .collect();
        let any = !cookies.is_empty();
        self.waiting = any.then(|| {
            Box::new(Waiting {
                cookies,
                carried_since: None,
            })
        });
        any
    }

    /// Puts them on an answer.
    pub(super) fn carry(&mut self, headers: &mut HeaderMap, now: u64) {
        let Some(waiting) = &mut self.waiting else {
            return;
        };
        let since = *waiting.carried_since.get_or_insert(now);
        if now.saturating_sub(since) > CARRIED_MS {
            self.waiting = None;
            return;
        }
        for cookie in &waiting.cookies {
            headers.append(SET_COOKIE, cookie.clone());
        }
    }
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.waiting.as_ref().map_or(0, |all| all.cookies.len());
        write!(f, "Cookies({count})")
    }
}

/// Where cookies of a request belong that name no path (RFC 6265 section 5.1.4).
fn default_path(target: &str) -> &str {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(end) => &path[..end],
    }
}

/// The cookie with the path it would have had on an answer of the backend itself.
fn with_path(cookie: &HeaderValue, path: &str) -> Option<HeaderValue> {
    let names_path = cookie
        .as_bytes()
        .split(|byte| *byte == b';')
        .skip(1)
        .filter_map(|attribute| {
            let split = attribute.iter().position(|byte| *byte == b'=')?;
            let (name, value) = attribute.split_at(split);
            let is_path = name.trim_ascii().eq_ignore_ascii_case(b"path");
            is_path.then(|| value[1..].trim_ascii())
        })
        .last()
        .is_some_and(|value| value.starts_with(b"/"));
    let mut bytes = cookie.as_bytes().to_vec();
    if !names_path {
        bytes.extend_from_slice(b"; Path=");
        bytes.extend_from_slice(path.as_bytes());
    }
    let mut value = HeaderValue::from_bytes(&bytes).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// How long answers carry them after the first that did.
const CARRIED_MS: u64 = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_keep_their_path_or_get_the_targets() {
        let check = |target: &str, cookie: &'static str, expected: &str| {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
            let mut cookies = Cookies::default();
            assert!(cookies.keep(&headers, target));
            let mut answer = HeaderMap::new();
            cookies.carry(&mut answer, 7);
            assert_eq!(answer[SET_COOKIE], expected, "{target} {cookie}");
        };
        check("/chat/room?a=/b/c", "a=1", "a=1; Path=/chat");
        check("/chat", "a=1; HttpOnly", "a=1; HttpOnly; Path=/");
        check("/x/y", "a=1; path=/z; Secure", "a=1; path=/z; Secure");
        check("/x/y", "a=path=/z", "a=path=/z; Path=/x");
        check("/x/y", "a=1; Path=", "a=1; Path=; Path=/x");
        check(
            "/x/y/",
            "a=1; Path=/q; PATH=z",
            "a=1; Path=/q; PATH=z; Path=/x/y",
        );
    }

    #[test]
    fn every_answer_of_a_while_carries_them_and_none_after() {
        let mut headers = HeaderMap::new();
        let mut cookies = Cookies::default();
        assert!(!cookies.keep(&headers, "/"));
        headers.append(SET_COOKIE, HeaderValue::from_static("a=1"));
        headers.append(SET_COOKIE, HeaderValue::from_static("b=2"));
        assert!(cookies.keep(&headers, "/"));
        for (now, expected) in [(100, 2), (5_100, 2), (5_101, 0), (5_102, 0)] {
            let mut answer = HeaderMap::new();
            cookies.carry(&mut answer, now);
            assert_eq!(answer.get_all(SET_COOKIE).iter().count(), expected);
        }
        assert_eq!(format!("{cookies:?}"), "Cookies(0)");
    }
}
