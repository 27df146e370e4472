//! Who is logged in, and how often somebody was wrong.
//!
//! A login is a random name in a cookie. It must never outlive its time, and the number of both is bounded.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{self, HeaderMap};
use tokio::time::Instant;
use towpath_secret::Secret;

/// The token, and everybody who showed it.
#[derive(Debug)]
pub(super) struct Logins {
    token: Secret,
    cookie: Box<str>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// When each login began.
    logins: HashMap<Box<str>, Instant>,
    /// Wrong tokens of an address, and since when they are counted.
    wrong: HashMap<IpAddr, (Instant, u32)>,
}

/// What a token that was shown is worth.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// It opens the console.
    Right,
    /// It does not.
    Wrong,
    /// There were too many wrong ones from this address; ask again in so many seconds.
    TooMany(u64),
}

impl Logins {
    /// Nobody yet. Browsers keep cookies by host and not by port, so the port is in the name.
    pub(super) fn new(token: Secret, port: u16) -> Self {
        Self {
            token,
            cookie: format!("towpath-console-{port}").into(),
            inner: Mutex::default(),
        }
    }

    /// Judges a token.
    pub(super) fn show(&self, address: IpAddr, offered: &[u8]) -> Shown {
        let now = Instant::now();
        let right = self.token.is(offered);
        let mut inner = self.inner();
        inner
            .wrong
            .retain(|_, (since, _)| now.duration_since(*since) < WRONG_WINDOW);
        if let Some((since, count)) = inner.wrong.get(&address)
            && *count >= WRONG_MAX
        {
            let left = WRONG_WINDOW.saturating_sub(now.duration_since(*since));
            return Shown::TooMany(left.as_secs() + 1);
        }
        if right {
            return Shown::Right;
        }
        if inner.wrong.len() >= ADDRESSES_MAX && !inner.wrong.contains_key(&address) {
            return Shown::TooMany(WRONG_WINDOW.as_secs());
        }
        inner.wrong.entry(address).or_insert((now, 0)).1 += 1;
        Shown::Wrong
    }

    /// Begins a login; the value for `Set-Cookie`. The oldest goes where there are too many.
    pub(super) fn begin(&self, secure: bool) -> String {
        let id = URL_SAFE_NO_PAD.encode(random());
        let now = Instant::now();
        let mut inner = self.inner();
        inner
            .logins
            .retain(|_, since| now.duration_since(*since) < LOGIN_LIFE);
        if inner.logins.len() >= LOGINS_MAX {
            let oldest = inner.logins.iter().min_by_key(|(_, since)| **since);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                inner.logins.remove(&oldest);
            }
        }
        inner.logins.insert(id.as_str().into(), now);
        self.set_cookie(&id, LOGIN_LIFE.as_secs(), secure)
    }

    /// Ends the login of a request; the value for `Set-Cookie`.
    pub(super) fn end(&self, headers: &HeaderMap) -> String {
        let mut inner = self.inner();
        for id in self.cookies(headers) {
            inner.logins.remove(id);
        }
        self.set_cookie("", 0, false)
    }

    /// Whether a request belongs to a login.
    pub(super) fn holds(&self, headers: &HeaderMap) -> bool {
        let inner = self.inner();
        let now = Instant::now();
        self.cookies(headers).any(|id| {
            let since = inner.logins.get(id);
            since.is_some_and(|since| now.duration_since(*since) < LOGIN_LIFE)
        })
    }

    fn cookies<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        let values = headers.get_all(header::COOKIE).into_iter();
        let all = values.filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == &*self.cookie)
            .map(|(_, value)| value)
    }

    fn set_cookie(&self, id: &str, seconds: u64, secure: bool) -> String {
        let name = &self.cookie;
        let secure = if secure { "; Secure" } else { "" };
        format!("{name}={id}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{secure}")
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a login lasts.
pub(super) const LOGIN_LIFE: Duration = Duration::from_hours(12);

/// Logins at a time.
const LOGINS_MAX: usize = 64;

/// Wrong tokens of one address within [`WRONG_WINDOW`].
const WRONG_MAX: u32 = 10;

/// How long wrong tokens are counted together.
const WRONG_WINDOW: Duration = Duration::from_mins(1);

/// Addresses whose wrong tokens are counted at a time; beyond it further ones have to wait.
const ADDRESSES_MAX: usize = 1024;

/// 256 bits that nobody can foretell.
fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn logins() -> Logins {
        Logins::new(Secret::of_text(RIGHT).unwrap(), 9091)
    }

    fn with(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        let value = HeaderValue::from_str(&format!("a=b; {pair}")).unwrap();
        HeaderMap::from_iter([(header::COOKIE, value)])
    }

    const RIGHT: &str = "a-token-of-some-length";

    #[tokio::test(start_paused = true)]
    async fn ten_wrong_tokens_a_minute_and_then_not_even_the_right_one() {
        let logins = logins();
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        for _ in 0..10 {
            assert_eq!(logins.show(one, b"wrong"), Shown::Wrong);
        }
        assert_eq!(logins.show(one, RIGHT.as_bytes()), Shown::TooMany(61));
        let other: IpAddr = "192.0.2.2".parse().unwrap();
        assert_eq!(logins.show(other, RIGHT.as_bytes()), Shown::Right);
        tokio::time::advance(WRONG_WINDOW).await;
        assert_eq!(logins.show(one, RIGHT.as_bytes()), Shown::Right);
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_ends_by_time_by_word_and_by_number() {
        let logins = logins();
        let first = with(&logins.begin(false));
        assert!(logins.holds(&first));
        logins.end(&first);
        assert!(!logins.holds(&first));
        let second = with(&logins.begin(false));
        tokio::time::advance(LOGIN_LIFE).await;
        assert!(!logins.holds(&second));
        let third = with(&logins.begin(false));
        for _ in 0..LOGINS_MAX {
            tokio::time::advance(Duration::from_secs(1)).await;
            logins.begin(false);
        }
        assert!(!logins.holds(&third));
    }

    #[test]
    fn cookies_are_for_this_console_alone() {
        let logins = logins();
        let cookie = logins.begin(true);
        assert!(cookie.starts_with("towpath-console-9091="), "{cookie}");
        for flag in ["HttpOnly", "SameSite=Strict", "Path=/", "Secure"] {
            assert!(
                cookie.split("; ").any(|part| part == flag),
                "{flag}: {cookie}"
            );
        }
        assert!(!logins.holds(&HeaderMap::new()));
        assert!(!logins.holds(&with("towpath-console-9091=")));
    }
}
