//! A token with what may be said of it.
//!
//! Its value is given only to who asks for it by name: it must never get into `Debug`, a log or an error.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::life::{Life, Schedule};

/// A token, where it comes from and how long it lives.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub(crate) value: String,
    pub(crate) read_unix_ms: i64,
    pub(crate) life: Life,
    pub(crate) obtained: Obtained,
}

/// How a token was come by this time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obtained {
    /// It was read now, in a browser or by a login.
    Read,
    /// It was in the cache.
    Cached,
    /// It should have been renewed, which did not succeed; until its end the old one does.
    KeptAfterFailure {
        /// Why it could not be renewed, as a sentence without a capital.
        reason: String,
    },
    /// It should be renewed, and another process is at it; until then the old one does.
    KeptMeanwhile,
}

impl Token {
    /// The token itself. It is a secret.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// How it was come by.
    pub fn obtained(&self) -> &Obtained {
        &self.obtained
    }

    /// When it was read from its page.
    pub fn read(&self) -> SystemTime {
        time(self.read_unix_ms / 1_000)
    }

    /// What is known of its life.
    pub fn life(&self) -> Life {
        self.life
    }

    /// When it ends, where that is known.
    pub fn expires(&self) -> Option<SystemTime> {
        self.life.expires_unix_s().map(time)
    }

    /// When it is to be renewed, where its end is known.
    pub fn renewal(&self) -> Option<SystemTime> {
        self.schedule().renew_from_unix_s.map(time)
    }

    /// Whether its time to be renewed has come.
    pub fn due(&self, now: SystemTime) -> bool {
        self.schedule().due(unix_ms(now) / 1_000)
    }

    pub(crate) fn schedule(&self) -> Schedule {
        self.life.schedule(self.read_unix_ms / 1_000)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Token")
            .field("value", &"***")
            .field("read_unix_ms", &self.read_unix_ms)
            .field("life", &self.life)
            .field("obtained", &self.obtained)
            .finish()
    }
}

/// Which token will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// The one in the cache, renewed first where its time has come.
    Cached,
    /// The one in the cache as long as it lives. Whoever cannot wait for a browser asks so, and where [`Token::due`] asks
    /// for [`Freshness::Cached`] later.
    Usable,
    /// Any but this one, which the server has refused: another process may have renewed it meanwhile.
    Renewed(Token),
    /// One that is read from the page after this call.
    Fresh,
}

pub(crate) fn time(unix_s: i64) -> SystemTime {
    let seconds = Duration::from_secs(unix_s.unsigned_abs());
    if unix_s < 0 {
        SystemTime::UNIX_EPOCH - seconds
    } else {
        SystemTime::UNIX_EPOCH + seconds
    }
}

/// Milliseconds since 1970.
pub(crate) fn unix_ms(time: SystemTime) -> i64 {
    let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => ms(since),
        Err(before) => -ms(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life::Unknown;

    #[test]
    fn a_token_is_never_printed() {
        let token = Token {
            value: "s3cret".to_owned(),
            read_unix_ms: 1_700_000_000_123,
            life: Life::Unknown(Unknown::NoExpiry),
            obtained: Obtained::Read,
        };
        let printed = format!("{:?} {:?}", token, Freshness::Renewed(token.clone()));
        assert!(!printed.contains("s3cret"), "{printed}");
        assert_eq!(unix_ms(token.read()), 1_700_000_000_000);
    }
}
