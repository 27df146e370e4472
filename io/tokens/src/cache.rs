//! The cache: one token for each source, shared by all processes of a user.
//!
//! A token is read once, whoever asks: the holder of its lock reads, the others wait and take what came of it. It must
//! never start two browsers for one token, nor one after the other while attempts fail.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{env, fmt};

use tokio::time::Instant;

use crate::decide::{Decision, decide};
use crate::error::TokenError;
use crate::folder::{Folder, Lock, usual};
use crate::keyring::Keyring;
use crate::limits::{LOOK_AGAIN, WAIT_FOR_ANOTHER};
use crate::reader::Reader;
use crate::record::{Kept, NoRecord, Record};
use crate::source::Source;
use crate::token::{Freshness, Obtained, Token, unix_ms};

mod manage;
mod renew;

pub use self::manage::{Entry, Forgotten, List};

/// Where tokens are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheSettings {
    /// The folder; it and its files are readable by their owner only.
    pub folder: PathBuf,
    /// Keep new tokens in the system's keyring; the folder then holds only what is known of them. A token that is in
    /// the keyring already stays there when it is renewed, whatever this says.
    pub keyring: bool,
}

impl CacheSettings {
    /// The folder that `TOWPATH_TOKENS` names, else `towpath/tokens` in `XDG_STATE_HOME` or `~/.local/state`.
    pub fn usual() -> Result<Self, TokenError> {
        Ok(Self {
            folder: usual(|name| env::var_os(name))?,
            keyring: false,
        })
    }
}

/// The tokens of one user. Cheap to clone.
#[derive(Clone)]
pub struct Cache {
    folder: Folder,
    keyring: Keyring,
    keyring_wanted: bool,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    wait: Duration,
}

impl Cache {
    /// Makes the folder if need be, and refuses one that others can look into.
    pub fn open(settings: CacheSettings) -> Result<Self, TokenError> {
        Ok(Self {
            folder: Folder::open(settings.folder)?,
            keyring: Keyring::usual(),
            keyring_wanted: settings.keyring,
            clock: Arc::new(SystemTime::now),
            wait: WAIT_FOR_ANOTHER,
        })
    }

    /// A token of `source` that is as fresh as wanted, read by `reader` where the cache has none.
    ///
    /// Takes as long as the reading, or as that of another process. Where a renewal fails, the old token is given as
    /// long as it lives, and [`Token::obtained`] says so. After failures readings are paused for 10 s, doubling up to an
    /// hour; [`Freshness::Fresh`] does not mind. Dropping the future ends the reading.
    pub async fn get(
        &self,
        source: &Source,
        freshness: Freshness,
        reader: &impl Reader,
    ) -> Result<Token, TokenError> {
        let key = source.key();
        let begun_unix_ms = self.now_unix_ms();
        let give_up = Instant::now() + self.wait;
        loop {
            let record = self.load(&key, source).await?;
            let decided =
                |record: &Record| decide(record, &freshness, begun_unix_ms, self.now_unix_ms());
            let old_will_do = match self.settle(&key, &record, decided).await? {
                Settled::Token(token) => return Ok(token),
                Settled::Read { old_will_do } => old_will_do,
            };
            if let Some(lock) = self.lock(&key).await? {
                // Whoever had the lock before may have read it.
                let record = self.load(&key, source).await?;
                return match self.settle(&key, &record, decided).await? {
                    Settled::Token(token) => Ok(token),
                    Settled::Read { .. } => {
                        self.renew(source, &freshness, record, lock, reader).await
                    }
                };
            }
            if old_will_do && let Some(token) = self.meanwhile(&key, &record).await? {
                return Ok(token);
            }
            if Instant::now() >= give_up {
                return Err(TokenError::Busy {
                    wanted: source.to_string(),
                    limit: self.wait,
                });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// The kept token where it will do, the failure where readings are paused, or the order to read.
    async fn settle(
        &self,
        key: &str,
        record: &Record,
        decided: impl Fn(&Record) -> Decision,
    ) -> Result<Settled, TokenError> {
        let obtained = match decided(record) {
            Decision::Use => Obtained::Cached,
            Decision::UseAfterFailure { reason } => Obtained::KeptAfterFailure { reason },
            Decision::Read { old_will_do } => return Ok(Settled::Read { old_will_do }),
            Decision::Pause { reason, wait } => return Err(TokenError::Pausing { reason, wait }),
        };
        if let Some(token) = self.kept(key, record, obtained).await? {
            return Ok(Settled::Token(token));
        }
        // Somebody took it out of the keyring.
        let mut empty = record.clone();
        empty.kept = None;
        match decided(&empty) {
            Decision::Pause { reason, wait } => Err(TokenError::Pausing { reason, wait }),
            _ => Ok(Settled::Read { old_will_do: false }),
        }
    }

    async fn meanwhile(&self, key: &str, record: &Record) -> Result<Option<Token>, TokenError> {
        self.kept(key, record, Obtained::KeptMeanwhile).await
    }

    /// The token of a record, fetched from the keyring where it is there.
    async fn kept(
        &self,
        key: &str,
        record: &Record,
        obtained: Obtained,
    ) -> Result<Option<Token>, TokenError> {
        let Some(Kept {
            read_unix_ms,
            life,
            token,
            ..
        }) = record.kept.clone()
        else {
            return Ok(None);
        };
        let value = match token {
            Some(value) => Some(value),
            None => self.keyring.lookup(key).await?,
        };
        Ok(value.map(|value| Token {
            value,
            read_unix_ms,
            life,
            obtained,
        }))
    }

    /// What the cache knows of a source. A damaged file counts as none, and is replaced by the next reading.
    async fn load(&self, key: &str, source: &Source) -> Result<Record, TokenError> {
        let content = self.on_files(key, Folder::read).await?;
        let parsed = content.map(|content| Record::parse(&content));
        match parsed {
            None => Ok(Record::new(source)),
            Some(Ok(record)) if record.is_of(source) => Ok(record),
            Some(Err(NoRecord::Newer(found))) => Err(TokenError::Newer {
                path: self.folder.file(key),
                found,
            }),
            Some(Ok(_) | Err(NoRecord::Damaged)) => {
                tracing::warn!(file = %self.folder.file(key).display(), "damaged, so the token is read anew");
                Ok(Record::new(source))
            }
        }
    }

    async fn lock(&self, key: &str) -> Result<Option<Arc<Lock>>, TokenError> {
        let taken = self.on_files(key, Folder::lock).await?;
        Ok(taken.map(Arc::new))
    }

    /// Does file work of `key` where it holds up nobody.
    async fn on_files<T: Send + 'static>(
        &self,
        key: &str,
        work: impl FnOnce(&Folder, &str) -> Result<T, TokenError> + Send + 'static,
    ) -> Result<T, TokenError> {
        let (folder, key) = (self.folder.clone(), key.to_owned());
        match tokio::task::spawn_blocking(move || work(&folder, &key)).await {
            Ok(done) => done,
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Only the end of the runtime cancels it, and then nobody is left to wait here.
                Err(_) => std::future::pending().await,
            },
        }
    }

    fn now_unix_ms(&self) -> i64 {
        unix_ms((self.clock)())
    }
}

enum Settled {
    Token(Token),
    Read { old_will_do: bool },
}

impl fmt::Debug for Cache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Cache")
            .field("folder", &self.folder.path())
            .field("keyring", &self.keyring_wanted)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
