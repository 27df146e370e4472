//! Pages that fail, and servers that refuse.

use super::*;

#[tokio::test]
async fn a_failed_renewal_gives_the_old_token_while_it_lives() {
    let stage = Stage::new();
    let first = hour(START);
    let page = Page::answering(&[Ok(&first), Err("the page did not load")]);
    stage.get(Freshness::Cached, &page).await.unwrap();
    stage.later(56 * MINUTE);
    for _ in 0..2 {
        let token = stage.get(Freshness::Cached, &page).await.unwrap();
        assert_eq!(token.value(), first);
        let Obtained::KeptAfterFailure { reason } = token.obtained() else {
            panic!("{token:?}");
        };
        assert!(reason.ends_with(": the page did not load"), "{reason}");
    }
    // The second one did not try again at once.
    assert_eq!(page.visits(), 2);
    stage.later(3 * MINUTE + 30);
    let error = stage.get(Freshness::Cached, &page).await.unwrap_err();
    assert!(matches!(error, TokenError::Reading { .. }), "{error}");
    assert_eq!(page.visits(), 3);
}

#[tokio::test]
async fn repeated_failures_pause_the_readings_but_not_a_person() {
    let stage = Stage::new();
    let page = Page::answering(&[Err("the page did not load"), Err("still"), Ok("one")]);
    let asked = async |freshness| stage.get(freshness, &page).await;
    asked(Freshness::Cached).await.unwrap_err();
    for _ in 0..5 {
        let error = asked(Freshness::Cached).await.unwrap_err();
        assert!(matches!(error, TokenError::Pausing { .. }), "{error}");
    }
    assert_eq!(page.visits(), 1);
    stage.later(11);
    asked(Freshness::Cached).await.unwrap_err();
    assert_eq!(page.visits(), 2);
    stage.later(1);
    assert_eq!(asked(Freshness::Fresh).await.unwrap().value(), "one");
    // Success forgets the failures.
    assert_eq!(asked(Freshness::Cached).await.unwrap().value(), "one");
    assert!(
        stage.cache.list().await.unwrap().entries[0]
            .record
            .trouble
            .is_none()
    );
}

#[tokio::test]
async fn the_page_that_gives_the_refused_token_again_is_told() {
    let stage = Stage::new();
    let page = Page::answering(&[Ok("s3cret")]);
    let token = stage.get(Freshness::Cached, &page).await.unwrap();
    let error = stage
        .get(Freshness::Renewed(token.clone()), &page)
        .await
        .unwrap_err();
    assert!(matches!(error, TokenError::Unchanged { .. }), "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
    let error = stage
        .get(Freshness::Renewed(token), &page)
        .await
        .unwrap_err();
    assert!(matches!(error, TokenError::Pausing { .. }), "{error}");
    assert_eq!(page.visits(), 2);
}

#[tokio::test]
async fn forgetting_counts_what_is_no_token_apart() {
    let stage = Stage::new();
    let failing = Page::answering(&[Err("the page did not load")]);
    stage.get(Freshness::Cached, &failing).await.unwrap_err();
    let forgotten = stage.cache.forget_all().await.unwrap();
    assert_eq!((forgotten.tokens, forgotten.others), (0, 1));
}

#[tokio::test]
async fn a_server_that_refuses_every_new_token_starts_no_browser_every_second() {
    let stage = Stage::new();
    let tokens: Vec<String> = (0..100).map(|number| format!("token-{number}")).collect();
    let answers: Vec<_> = tokens.iter().map(|token| Ok(token.as_str())).collect();
    let page = Page::answering(&answers);
    let mut token = stage.get(Freshness::Cached, &page).await.unwrap();
    for _ in 0..600 {
        stage.later(1);
        if let Ok(renewed) = stage.get(Freshness::Renewed(token.clone()), &page).await {
            token = renewed;
        }
    }
    // At once, then after 10, 20, 40, 80, 160 and 320 seconds, less what passed already.
    assert!((5..=8).contains(&page.visits()), "{}", page.visits());
}

#[tokio::test]
async fn a_token_that_ended_before_it_was_read_is_not_given() {
    let stage = Stage::new();
    let old = hour(START - 2 * HOUR);
    let error = stage
        .get(Freshness::Cached, &Page::answering(&[Ok(&old)]))
        .await
        .unwrap_err();
    let told = std::error::Error::source(&error).unwrap().to_string();
    assert!(told.contains("has ended already"), "{told}");
}
