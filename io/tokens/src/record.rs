//! One file of the cache: what is written and what is read again.
//!
//! Pure: bytes in, record out. A record's token must never get into `Debug`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::life::{Life, Schedule};
use crate::limits::{FILE_BYTES_MAX, REASON_CHARACTERS_MAX, TOKEN_BYTES_MAX};
use crate::source::{Place, Source};

/// What the cache knows of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    version: u32,
    /// The origin that the token belongs to.
    pub origin: String,
    /// The page it was read from, without query and fragment.
    pub page: String,
    /// The place in the page.
    pub place: Place,
    /// The user's name for the login.
    pub account: Option<String>,
    /// The token, where one was read.
    pub kept: Option<Kept>,
    /// The failures since the last success.
    pub trouble: Option<Trouble>,
}

/// A token with its dates.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// When it was read, in milliseconds since 1970. It also tells one reading from the next.
    pub read_unix_ms: i64,
    /// What is known of its life.
    pub life: Life,
    /// How many tokens before it, one after the other, were refused soon after they were read.
    #[serde(default)]
    pub refusals: u32,
    /// The token; `None` where the keyring holds it.
    pub token: Option<String>,
}

/// Failures in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// How many.
    pub count: u32,
    /// When the last one was, in milliseconds since 1970.
    pub last_unix_ms: i64,
    /// What the last one was, as a sentence without a capital.
    pub reason: String,
}

/// Bytes that are no record of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRecord {
    /// Written by a newer version of this program, in this format.
    Newer(u32),
    /// Cut off, changed by hand, or something else altogether.
    Damaged,
}

impl Record {
    /// A record of nothing yet.
    pub(crate) fn new(source: &Source) -> Self {
        Self {
            version: VERSION,
            origin: source.origin(),
            page: source.shown_page(),
            place: source.place().clone(),
            account: source.account().map(str::to_owned),
            kept: None,
            trouble: None,
        }
    }

    /// Reads a file's content.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoRecord> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(NoRecord::Damaged);
        }
        let Versioned { version } = serde_json::from_slice(bytes).map_err(|_| NoRecord::Damaged)?;
        if version > VERSION {
            return Err(NoRecord::Newer(version));
        }
        let record: Self = serde_json::from_slice(bytes).map_err(|_| NoRecord::Damaged)?;
        if record.sound() {
            Ok(record)
        } else {
            Err(NoRecord::Damaged)
        }
    }

    /// What is written to the file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a record has only text keys");
        bytes.push(b'\n');
        bytes
    }

    /// Whether it is a record of this very source, whatever the file is called.
    pub(crate) fn is_of(&self, source: &Source) -> bool {
        self.origin == source.origin()
            && self.place == *source.place()
            && self.account.as_deref() == source.account()
    }

    /// Notes one more failure.
    pub(crate) fn note_failure(&mut self, reason: &str, now_unix_ms: i64) {
        let before = self.trouble.take().map_or(0, |trouble| trouble.count);
        self.trouble = Some(Trouble {
            count: before.saturating_add(1),
            last_unix_ms: now_unix_ms,
            reason: reason.chars().take(REASON_CHARACTERS_MAX).collect(),
        });
    }

    fn sound(&self) -> bool {
        let dates = self.kept.iter().map(|kept| kept.read_unix_ms);
        let dates = dates.chain(self.trouble.iter().map(|trouble| trouble.last_unix_ms));
        let token = self.kept.as_ref().and_then(|kept| kept.token.as_deref());
        let word = |token: &str| {
            (1..=TOKEN_BYTES_MAX).contains(&token.len())
                && !token.contains(|c: char| c.is_control() || c.is_whitespace())
        };
        let ends = self
            .kept
            .as_ref()
            .and_then(|kept| kept.life.expires_unix_s());
        self.version > 0
            && dates
                .into_iter()
                .all(|date| (0..=DATE_MAX_MS).contains(&date))
            && ends.is_none_or(|date| (0..=DATE_MAX_MS / 1_000).contains(&date))
            && token.is_none_or(word)
    }
}

impl Kept {
    /// When it is renewed and until when it is used.
    pub fn schedule(&self) -> Schedule {
        self.life.schedule(self.read_unix_ms / 1_000)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Kept")
            .field("read_unix_ms", &self.read_unix_ms)
            .field("life", &self.life)
            .field("refusals", &self.refusals)
            .field("token", &self.token.as_ref().map(|_| "***"))
            .finish()
    }
}

/// The format written. A reader refuses higher ones, so that an older program destroys nothing.
const VERSION: u32 = 1;

/// The end of the year 9999.
const DATE_MAX_MS: i64 = 253_402_300_800_000;

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::life::Unknown;

    pub(crate) fn source() -> Source {
        let place = Place::LocalStorage {
            key: "token".to_owned(),
            pointer: None,
        };
        Source::new("https://app.example/room?code=s3cret", place, None).unwrap()
    }

    fn record() -> Record {
        let mut record = Record::new(&source());
        record.kept = Some(Kept {
            read_unix_ms: 1_700_000_000_000,
            life: Life::Unknown(Unknown::NoExpiry),
            refusals: 0,
            token: Some("s3cret".to_owned()),
        });
        record.note_failure("the page did not load", 1_700_000_000_001);
        record
    }

    #[test]
    fn a_record_survives_being_written() {
        let record = record();
        assert_eq!(Record::parse(&record.bytes()), Ok(record));
    }

    #[test]
    fn a_record_holds_its_token_and_shows_it_nowhere() {
        let record = record();
        let written = String::from_utf8(record.bytes()).unwrap();
        assert_eq!(written.matches("s3cret").count(), 1, "{written}");
        assert!(!format!("{record:?}").contains("s3cret"));
    }

    #[test]
    fn a_newer_format_is_told_from_damage() {
        let text = String::from_utf8(record().bytes()).unwrap();
        let newer = text.replace("\"version\": 1", "\"version\": 2");
        assert_eq!(Record::parse(newer.as_bytes()), Err(NoRecord::Newer(2)));
        assert_eq!(
            Record::parse(br#"{"version":7,"other":[]}"#),
            Err(NoRecord::Newer(7))
        );
        for damaged in [
            "",
            "{}",
            "[]",
            &text[..text.len() / 2],
            &text.replace("s3cret", "two words"),
            &text.replace("s3cret", ""),
            &text.replace("1700000000000", "-1"),
            &text.replace("\"version\": 1", "\"version\": 0"),
        ] {
            assert_eq!(
                Record::parse(damaged.as_bytes()),
                Err(NoRecord::Damaged),
                "{damaged}"
            );
        }
    }

    #[test]
    fn failures_are_counted_and_their_words_bounded() {
        let mut record = record();
        record.note_failure(&"x".repeat(5_000), 7);
        let trouble = record.trouble.unwrap();
        assert_eq!(trouble.count, 2);
        assert_eq!(trouble.reason.len(), REASON_CHARACTERS_MAX);
    }

    proptest! {
        #[test]
        fn a_changed_byte_never_panics(at in 0_usize..400, byte in any::<u8>()) {
            let mut bytes = record().bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(record) = Record::parse(&bytes) {
                prop_assert_eq!(Record::parse(&record.bytes()), Ok(record));
            }
        }
    }
}
