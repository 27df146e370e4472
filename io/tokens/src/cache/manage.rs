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

/// What was taken out of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// How many tokens.
    pub tokens: usize,
    /// How many files besides: failures without a token, and what was damaged.
    pub others: usize,
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

    /// Removes the tokens of a page's origin, or only those of one account of it.
    ///
    /// Waits for a reading that is under way. Files that others could read are removed, too.
    pub async fn forget(&self, page: &str, account: Option<&str>) -> Result<Forgotten, TokenError> {
        let origin = source::page(page)?.origin().ascii_serialization();
        let of_account =
            |record: &Record| account.is_none_or(|name| record.account.as_deref() == Some(name));
        self.forget_where(|record| {
            record.is_some_and(|record| record.origin == origin && of_account(record))
        })
        .await
    }

    /// Removes everything, damaged files included.
    pub async fn forget_all(&self) -> Result<Forgotten, TokenError> {
        self.forget_where(|_| true).await
    }

    async fn forget_where(
        &self,
        wanted: impl Fn(Option<&Record>) -> bool,
    ) -> Result<Forgotten, TokenError> {
        let mut forgotten = Forgotten::default();
        for key in self.on_files("", |folder, _| folder.keys()).await? {
            if !wanted(self.glance(&key).await.as_ref()) {
                continue;
            }
            let lock = self.lock_patiently(&key).await?;
            // It may have been renewed meanwhile.
            let kept = self.glance(&key).await.and_then(|record| record.kept);
            if kept.as_ref().is_some_and(|kept| kept.token.is_none()) {
                self.keyring.clear(&key).await?;
            }
            let remove = move |folder: &Folder, key: &str| folder.remove(key, &lock);
            if self.on_files(&key, remove).await? {
                forgotten.tokens += usize::from(kept.is_some());
                forgotten.others += usize::from(kept.is_none());
            }
        }
        Ok(forgotten)
    }

    /// What a file says, whoever else may read it; `None` where it says nothing.
    async fn glance(&self, key: &str) -> Option<Record> {
        let content = self.on_files(key, Folder::read_unsafe).await.ok()??;
        Record::parse(&content).ok()
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
