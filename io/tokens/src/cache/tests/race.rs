//! Many who ask at once.

use tokio::task::JoinSet;

use super::*;

#[tokio::test]
async fn many_who_ask_at_once_cause_one_visit() {
    let stage = Stage::new();
    let page = Arc::new(Page {
        takes: Duration::from_millis(300),
        ..Page::answering(&[Ok("one"), Ok("two")])
    });
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        let (cache, page) = (stage.cache.clone(), Arc::clone(&page));
        asking.spawn(async move { cache.get(&source(), Freshness::Cached, &*page).await });
    }
    for token in asking.join_all().await {
        assert_eq!(token.unwrap().value(), "one");
    }
    assert_eq!(page.visits(), 1);
    // The lock file is gone when nobody needs it.
    assert_eq!(stage.names(), [format!("{}.json", source().key())]);
}

#[tokio::test]
async fn many_who_ask_in_vain_cause_one_visit() {
    let stage = Stage::new();
    let page = Page {
        takes: Duration::from_millis(200),
        ..Page::answering(&[Err("the page did not load")])
    };
    let (one, other) = tokio::join!(
        stage.get(Freshness::Fresh, &page),
        stage.get(Freshness::Fresh, &page)
    );
    let errors = [one.unwrap_err(), other.unwrap_err()];
    assert_eq!(page.visits(), 1);
    let paused = |error: &&TokenError| matches!(error, TokenError::Pausing { reason, .. } if reason.contains("did not load"));
    assert_eq!(errors.iter().filter(paused).count(), 1, "{errors:?}");
}

#[tokio::test]
async fn nobody_waits_for_a_renewal_while_the_old_token_is_good() {
    let stage = Stage::new();
    let first = hour(START);
    stage
        .get(Freshness::Cached, &Page::answering(&[Ok(&first)]))
        .await
        .unwrap();
    stage.later(56 * MINUTE);
    let _held = stage.cache.folder.lock(&source().key()).unwrap().unwrap();
    let page = Page::default();
    let token = stage.get(Freshness::Cached, &page).await.unwrap();
    assert_eq!(
        (token.value(), token.obtained(), page.visits()),
        (&*first, &Obtained::KeptMeanwhile, 0)
    );
}

#[tokio::test]
async fn waiting_for_another_process_has_an_end() {
    let mut stage = Stage::new();
    stage.cache.wait = Duration::from_millis(150);
    let _held = stage.cache.folder.lock(&source().key()).unwrap().unwrap();
    let error = stage
        .get(Freshness::Cached, &Page::default())
        .await
        .unwrap_err();
    assert!(matches!(error, TokenError::Busy { .. }), "{error}");
}

#[tokio::test]
async fn a_reading_that_nobody_waits_for_any_more_lets_the_next_one_in() {
    let stage = Stage::new();
    let slow = Page {
        takes: Duration::from_hours(1),
        ..Page::default()
    };
    let reads = async {
        while slow.visits() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        biased;
        _ = stage.get(Freshness::Cached, &slow) => panic!("it takes an hour"),
        () = reads => {}
    }
    assert_eq!(slow.visits(), 1);
    let token = stage
        .get(Freshness::Cached, &Page::answering(&[Ok("one")]))
        .await;
    assert_eq!(token.unwrap().value(), "one");
}
