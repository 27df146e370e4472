//! Tokens in native handshakes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::{Reach, Refused, TokenPlace, TokenUse, Via};
use towpath_tokens::{Cache, CacheSettings, Held, Place, ReadError, Reader, Source};

use super::server::{Answer, Server, header};
use super::{echoes, open, settings};

/// A page that has another token at each visit.
#[derive(Clone, Default)]
struct Page {
    visits: Arc<AtomicUsize>,
    /// How long a visit takes.
    takes: Duration,
}

impl Page {
    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

impl Reader for Page {
    async fn read(&self, _: &Source) -> Result<Held, ReadError> {
        tokio::time::sleep(self.takes).await;
        let visit = self.visits.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Held {
            value: format!("token-{visit}"),
            cookie_expires_unix_s: None,
        })
    }
}

fn reach(folder: &tempfile::TempDir, page: impl Reader + Send + 'static, via: Via) -> Reach {
    let cache = Cache::open(CacheSettings {
        folder: folder.path().join("tokens"),
        keyring: false,
    });
    let place = Place::Cookie {
        name: "session".to_owned(),
    };
    let source = Source::new("https://app.example/", place, None).unwrap();
    let mut settings = settings(via);
    settings.token = Some(TokenUse::new(
        cache.unwrap(),
        source,
        page,
        TokenPlace::Bearer,
    ));
    Reach::new(settings)
}

/// Lets in whoever has the token of the second visit.
fn second_or(refusal: Answer, head: &str) -> Answer {
    match header(head, "authorization") {
        Some("Bearer token-2") => Answer::Echo,
        _ => refusal,
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_then_kept() {
    let server = Server::start(|head, _| second_or(Answer::status(401), head)).await;
    let (folder, page) = (tempfile::tempdir().unwrap(), Page::default());
    let reach = reach(&folder, page.clone(), Via::Auto);
    for _ in 0..2 {
        echoes(open(&reach, &server, "/").await.unwrap()).await;
    }
    assert_eq!(page.visits(), 2);
    assert_eq!(server.seen().len(), 3, "refused, let in, let in");
}

#[tokio::test]
async fn a_token_that_takes_its_time_is_no_silence_of_the_network() {
    let server = Server::start(|head, _| second_or(Answer::status(401), head)).await;
    let folder = tempfile::tempdir().unwrap();
    // Longer than a handshake may give no sign before a gateway is asked for.
    let page = Page {
        takes: Duration::from_secs(2),
        ..Page::default()
    };
    let reach = reach(&folder, page, Via::Auto);
    echoes(open(&reach, &server, "/").await.unwrap()).await;
    assert_eq!(server.seen().len(), 2, "refused, let in");
}

#[tokio::test]
async fn a_token_that_is_refused_by_a_close_is_renewed() {
    let server = Server::start(|head, _| second_or(Answer::Close(4403), head)).await;
    let (folder, page) = (tempfile::tempdir().unwrap(), Page::default());
    let reach = reach(&folder, page.clone(), Via::Auto);
    echoes(open(&reach, &server, "/").await.unwrap()).await;
    assert_eq!(page.visits(), 2);
}

#[tokio::test]
async fn a_server_that_refuses_every_token_is_asked_twice() {
    let server = Server::start(|_, _| Answer::status(401)).await;
    let (folder, page) = (tempfile::tempdir().unwrap(), Page::default());
    let refused = open(&reach(&folder, page.clone(), Via::Direct), &server, "/").await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(&refused, Refused::Answer { status: 401, .. }),
        "{refused}"
    );
    assert!(
        !format!("{refused} {refused:?}").contains("token-"),
        "{refused:?}"
    );
    assert_eq!((server.seen().len(), page.visits()), (2, 2));
}

/// A page that has no token.
struct Empty;

impl Reader for Empty {
    async fn read(&self, _: &Source) -> Result<Held, ReadError> {
        Err(ReadError::Page("the page holds no token".to_owned()))
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = Server::start(|_, _| Answer::Echo).await;
    let folder = tempfile::tempdir().unwrap();
    for via in [Via::Auto, Via::Direct] {
        let refused = open(&reach(&folder, Empty, via), &server, "/")
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("the page holds no token"),
            "{refused}"
        );
    }
    assert!(server.seen().is_empty());
}
