//! One reading, by the holder of the lock: take what the page holds, keep it, or keep the failure.

use std::error::Error as _;
use std::sync::Arc;

use super::Cache;
use crate::decide::refused_early;
use crate::error::{ReadError, TokenError};
use crate::folder::Lock;
use crate::life::Life;
use crate::limits::READING_MAX;
use crate::reader::Reader;
use crate::record::{Kept, Record};
use crate::source::Source;
use crate::token::{Freshness, Obtained, Token};
use crate::value;

impl Cache {
    pub(super) async fn renew(
        &self,
        source: &Source,
        freshness: &Freshness,
        record: Record,
        lock: Arc<Lock>,
        reader: &impl Reader,
    ) -> Result<Token, TokenError> {
        let key = source.key();
        if self.in_keyring(&record) {
            // Better to learn now than with a token in hand that the keyring is locked or absent.
            self.keyring.lookup(&key).await?;
        }
        let outcome = self.read(source, freshness, reader).await;
        match outcome {
            Ok(token) => self.keep(source, freshness, record, token, &lock).await,
            Err(error) => {
                self.keep_failure(&key, freshness, record, error, lock)
                    .await
            }
        }
    }

    /// Reads, and refuses what the server would refuse.
    async fn read(
        &self,
        source: &Source,
        freshness: &Freshness,
        reader: &impl Reader,
    ) -> Result<Token, TokenError> {
        let reading = |error: ReadError| TokenError::Reading {
            wanted: source.to_string(),
            source: error,
        };
        let held = match tokio::time::timeout(READING_MAX, reader.read(source)).await {
            Ok(read) => read.map_err(reading)?,
            Err(_) => return Err(reading(ReadError::TimedOut(READING_MAX))),
        };
        let value = value::token(source.place(), &held.value).map_err(reading)?;
        if matches!(freshness, Freshness::Renewed(refused) if refused.value == value) {
            return Err(TokenError::Unchanged {
                wanted: source.to_string(),
            });
        }
        let token = Token {
            life: Life::of(&value, held.cookie_expires_unix_s),
            value,
            read_unix_ms: self.now_unix_ms(),
            obtained: Obtained::Read,
        };
        let now_unix_s = token.read_unix_ms / 1_000;
        if !token.schedule().usable(now_unix_s) {
            let words = format!(
                "{} is a token that has ended already; log in there again, or set this machine's clock right",
                source.place().held()
            );
            return Err(reading(ReadError::Page(words)));
        }
        Ok(token)
    }

    async fn keep(
        &self,
        source: &Source,
        freshness: &Freshness,
        record: Record,
        mut token: Token,
        lock: &Arc<Lock>,
    ) -> Result<Token, TokenError> {
        let key = source.key();
        let keyring = self.in_keyring(&record);
        if keyring {
            self.keyring.store(&key, source, &token.value).await?;
        }
        let old = record.kept.as_ref();
        if old.is_some_and(|old| old.read_unix_ms == token.read_unix_ms) {
            // The date tells one reading from the next.
            token.read_unix_ms += 1;
        }
        let early = old.filter(|old| {
            matches!(freshness, Freshness::Renewed(_)) && refused_early(old, token.read_unix_ms)
        });
        let mut new = Record::new(source);
        new.kept = Some(Kept {
            read_unix_ms: token.read_unix_ms,
            life: token.life,
            refusals: early.map_or(0, |old| old.refusals.saturating_add(1)),
            token: (!keyring).then(|| token.value.clone()),
        });
        self.save(&key, &new, lock).await?;
        tracing::info!(%source, "read a token");
        Ok(token)
    }

    async fn keep_failure(
        &self,
        key: &str,
        freshness: &Freshness,
        mut record: Record,
        error: TokenError,
        lock: Arc<Lock>,
    ) -> Result<Token, TokenError> {
        let now_unix_ms = self.now_unix_ms();
        let reason = words(&error);
        tracing::warn!("{reason}");
        record.note_failure(&reason, now_unix_ms);
        self.save(key, &record, &lock).await?;
        drop(lock);
        if !matches!(freshness, Freshness::Cached | Freshness::Usable) {
            return Err(error);
        }
        let old = self
            .kept(key, &record, Obtained::KeptAfterFailure { reason })
            .await?;
        old.filter(|old| old.schedule().usable(now_unix_ms / 1_000))
            .ok_or(error)
    }

    async fn save(&self, key: &str, record: &Record, lock: &Arc<Lock>) -> Result<(), TokenError> {
        let content = record.bytes();
        // Shared, so that it is held until the file is written even where nobody waits for that any more.
        let lock = Arc::clone(lock);
        self.on_files(key, move |folder, key| folder.write(key, &content, &lock))
            .await
    }

    /// Whether the token of this record belongs into the keyring.
    fn in_keyring(&self, record: &Record) -> bool {
        let there = record.kept.as_ref().map(|kept| kept.token.is_none());
        there.unwrap_or(false) || self.keyring_wanted
    }
}

/// An error with its causes, as one sentence.
fn words(error: &TokenError) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
