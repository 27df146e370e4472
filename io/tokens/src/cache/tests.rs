//! The cache with a reader that counts, a clock that is set by hand, and many who ask at once.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

use super::*;
use crate::claims::tests::{SIGNED, jwt};
use crate::error::ReadError;
use crate::reader::Held;
use crate::record::tests::source;
use crate::source::Place;

mod failures;
mod files;
#[cfg(unix)]
mod keyring;
mod race;

/// A page that hands out what it is told to, and counts the visits.
#[derive(Default)]
struct Page {
    visits: AtomicUsize,
    answers: Mutex<Vec<Result<String, String>>>,
    /// How long a visit takes.
    takes: Duration,
}

impl Page {
    /// Answers one visit after the other so; the last answer stays.
    fn answering(answers: &[Result<&str, &str>]) -> Self {
        let own = |answer: &Result<&str, &str>| match answer {
            Ok(token) => Ok((*token).to_owned()),
            Err(reason) => Err((*reason).to_owned()),
        };
        Self {
            answers: Mutex::new(answers.iter().rev().map(own).collect()),
            ..Self::default()
        }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

impl Reader for Page {
    async fn read(&self, _: &Source) -> Result<Held, ReadError> {
        self.visits.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.takes).await;
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match answers.len() {
            0 => Ok("opaque".to_owned()),
            1 => answers[0].clone(),
            _ => answers.pop().unwrap(),
        };
        let value = answer.map_err(ReadError::Page)?;
        Ok(Held {
            value,
            cookie_expires_unix_s: None,
        })
    }
}

/// A cache in a folder of its own, at a time that stands still until it is moved.
struct Stage {
    cache: Cache,
    now_unix_s: Arc<AtomicI64>,
    folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = Cache::open(CacheSettings {
            folder: folder.path().join("tokens"),
            keyring: false,
        })
        .unwrap();
        let now_unix_s = Arc::new(AtomicI64::new(START));
        let shown = Arc::clone(&now_unix_s);
        cache.clock = Arc::new(move || crate::token::time(shown.load(Ordering::SeqCst)));
        cache.wait = Duration::from_secs(20);
        Self {
            cache,
            now_unix_s,
            folder,
        }
    }

    fn later(&self, seconds: i64) {
        self.now_unix_s.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn get(&self, freshness: Freshness, page: &Page) -> Result<Token, TokenError> {
        self.cache.get(&source(), freshness, page).await
    }

    /// The only file of the cache.
    fn file(&self) -> PathBuf {
        self.cache.folder.file(&source().key())
    }

    /// The names of all files, lock files and leftovers included.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("tokens")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }
}

/// A token that lives for an hour from `issued` on.
fn hour(issued: i64) -> String {
    jwt(
        SIGNED,
        &format!(r#"{{"iat":{issued},"exp":{}}}"#, issued + HOUR),
    )
}

const START: i64 = 1_700_000_000;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

#[tokio::test]
async fn a_token_is_read_once_and_renewed_when_it_is_due() {
    let stage = Stage::new();
    let (first, second) = (hour(START), hour(START + 55 * MINUTE));
    let page = Page::answering(&[Ok(&first), Ok(&second)]);

    let token = stage.get(Freshness::Cached, &page).await.unwrap();
    assert_eq!(
        (token.value(), token.obtained()),
        (&*first, &Obtained::Read)
    );
    stage.later(54 * MINUTE);
    let token = stage.get(Freshness::Cached, &page).await.unwrap();
    assert_eq!(
        (token.value(), token.obtained()),
        (&*first, &Obtained::Cached)
    );
    assert_eq!(page.visits(), 1);
    stage.later(MINUTE);
    let token = stage.get(Freshness::Cached, &page).await.unwrap();
    assert_eq!(
        (token.value(), token.obtained()),
        (&*second, &Obtained::Read)
    );
    assert_eq!(page.visits(), 2);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_for_all_who_were_refused() {
    let stage = Stage::new();
    let page = Page::answering(&[Ok("one"), Ok("two"), Ok("three")]);
    let one = stage.get(Freshness::Cached, &page).await.unwrap();
    stage.later(HOUR);
    for _ in 0..3 {
        let again = Freshness::Renewed(one.clone());
        let two = stage.get(again, &page).await.unwrap();
        assert_eq!(two.value(), "two");
    }
    assert_eq!(page.visits(), 2);
}

#[tokio::test]
async fn fresh_reads_although_there_is_one() {
    let stage = Stage::new();
    let page = Page::answering(&[Ok("one"), Ok("two")]);
    stage.get(Freshness::Cached, &page).await.unwrap();
    stage.later(1);
    let token = stage.get(Freshness::Fresh, &page).await.unwrap();
    assert_eq!((token.value(), page.visits()), ("two", 2));
}

#[tokio::test]
async fn the_list_shows_everything_but_the_token() {
    let stage = Stage::new();
    let page = Page::answering(&[Ok("s3cret")]);
    stage.get(Freshness::Cached, &page).await.unwrap();
    let list = stage.cache.list().await.unwrap();
    assert_eq!(list.entries.len(), 1);
    let entry = &list.entries[0];
    assert_eq!(entry.record.origin, "https://app.example");
    assert!(!entry.in_keyring);
    let written = String::from_utf8(entry.record.bytes()).unwrap();
    assert!(!written.contains("s3cret"), "{written}");
}

#[tokio::test]
async fn forgetting_goes_by_origin_and_account() {
    let stage = Stage::new();
    let page = Page::default();
    for (address, account) in [
        ("https://app.example/a", Some("mary")),
        ("https://app.example/b", None),
        ("https://other.example/", None),
    ] {
        let place = Place::Cookie {
            name: "session".to_owned(),
        };
        let source = Source::new(address, place, account.map(str::to_owned)).unwrap();
        stage
            .cache
            .get(&source, Freshness::Cached, &page)
            .await
            .unwrap();
    }
    let forget = async |page, account| stage.cache.forget(page, account).await.unwrap().tokens;
    assert_eq!(forget("https://none.example/", None).await, 0);
    assert_eq!(forget("https://app.example/else", Some("mary")).await, 1);
    assert_eq!(forget("https://app.example/else", None).await, 1);
    assert_eq!(stage.cache.forget_all().await.unwrap().tokens, 1);
    assert_eq!(stage.names(), Vec::<String>::new());
}
