//! What is in the cache, and taking it out.
//!
//! It must never show a token.

use std::sync::Arc;

use tokio::time::Instant;

use super::Cache;
use crate::error::TokenError;
use crate::folder::{Folder, Lock};
use crate::life::Schedule;
use crate::limits::LOOK_AGAIN;
use crate::record::{NoRecord, Record};
use crate::source;

/// What is in the cache.
#[derive(Debug, Default)]
pub struct List {
    /// The sources that something is known of.
    pub entries: Vec<Entry>,
    /// The files that cannot be used, and why.
    pub problems: Vec<TokenError>,
}

/// One source of the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// All that is known, without the token.
    pub record: Record,
    /// Whether the token is in the keyring.
    pub in_keyring: bool,
    /// When it is renewed and until when it is used.
    pub schedule: Schedule,
}

impl Cache {
    /// Everything in the cache, in the order of origin, account and place.
    pub async fn list(&self) -> Result<List, TokenError> {
        let keys = self.on_files("", |folder, _| folder.keys()).await?;
        let mut list = List::default();
        for key in keys {
            let content = self.on_files(&key, Folder::read).await;
            let record = match content {
                Ok(Some(content)) => {
                    Record::parse(&content).map_err(|wrong| self.wrong(&key, wrong))
                }
                Ok(None) => continue,
                Err(error) => Err(error),
            };
            match record {
                Ok(record) => list.entries.push(Entry::of(record)),
                Err(problem) => list.problems.push(problem),
            }
        }
        list.entries.sort_by(|one, other| {
            let order = |entry: &Entry| {
                let Record {
                    origin,
                    account,
                    place,
                    ..
                } = entry.record.clone();
                (origin, account, place)
            };
            order(one).cmp(&order(other))
        });
        Ok(list)
    }

    /// Removes the tokens of a page's origin, or only those of one account of it; how many there were.
    ///
    /// Waits for a reading that is under way. Files that others could read are removed, too.
    pub async fn forget(&self, page: &str, account: Option<&str>) -> Result<usize, TokenError> {
        let origin = source::page(page)?.origin().ascii_serialization();
        let wanted = |record: &Record| {
            record.origin == origin
                && account.is_none_or(|name| record.account.as_deref() == Some(name))
        };
        let mut forgotten = 0;
        for key in self.on_files("", |folder, _| folder.keys()).await? {
            let content = self.on_files(&key, Folder::read_unsafe).await;
            let record = content
                .ok()
                .flatten()
                .map(|content| Record::parse(&content));
            if let Some(Ok(record)) = record
                && wanted(&record)
                && self.remove(&key, Some(&record)).await?
            {
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    /// Removes everything, damaged files included; how many there were.
    pub async fn forget_all(&self) -> Result<usize, TokenError> {
        let mut forgotten = 0;
        for key in self.on_files("", |folder, _| folder.keys()).await? {
            let content = self.on_files(&key, Folder::read_unsafe).await;
            let record = content
                .ok()
                .flatten()
                .and_then(|content| Record::parse(&content).ok());
            forgotten += usize::from(self.remove(&key, record.as_ref()).await?);
        }
        Ok(forgotten)
    }

    async fn remove(&self, key: &str, record: Option<&Record>) -> Result<bool, TokenError> {
        let lock = self.lock_patiently(key).await?;
        let in_keyring = record.is_some_and(|record| Entry::of(record.clone()).in_keyring);
        if in_keyring {
            self.keyring.clear(key).await?;
        }
        self.on_files(key, move |folder, key| folder.remove(key, &lock))
            .await
    }

    /// The lock, once whoever has it lets it go.
    async fn lock_patiently(&self, key: &str) -> Result<Arc<Lock>, TokenError> {
        let give_up = Instant::now() + self.wait;
        loop {
            if let Some(lock) = self.lock(key).await? {
                return Ok(lock);
            }
            if Instant::now() >= give_up {
                return Err(TokenError::Busy {
                    wanted: "token".to_owned(),
                    limit: self.wait,
                });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn wrong(&self, key: &str, wrong: NoRecord) -> TokenError {
        let path = self.folder.file(key);
        match wrong {
            NoRecord::Newer(found) => TokenError::Newer { path, found },
            NoRecord::Damaged => TokenError::Unsafe {
                path,
                problem: "is damaged".to_owned(),
                fix: "Remove it; the token is then read anew".to_owned(),
            },
        }
    }
}

impl Entry {
    fn of(mut record: Record) -> Self {
        let kept = record.kept.as_mut();
        let schedule = kept.as_ref().map(|kept| kept.schedule());
        let in_keyring = kept.as_ref().is_some_and(|kept| kept.token.is_none());
        if let Some(kept) = kept {
            kept.token = None;
        }
        Self {
            record,
            in_keyring,
            schedule: schedule.unwrap_or_default(),
        }
    }
}
