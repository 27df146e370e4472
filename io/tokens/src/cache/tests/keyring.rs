//! Tokens in the keyring, by a stand-in for its program.

use std::fs;

use super::*;
use crate::keyring::tests::standing_in;

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.cache.keyring = standing_in(stage.folder.path());
    stage.cache.keyring_wanted = true;
    stage
}

#[tokio::test]
async fn the_file_holds_the_dates_and_the_keyring_the_token() {
    let stage = stage();
    let token = hour(START);
    let page = Page::answering(&[Ok(&token)]);
    for obtained in [Obtained::Read, Obtained::Cached] {
        let got = stage.get(Freshness::Cached, &page).await.unwrap();
        assert_eq!((got.value(), got.obtained()), (&*token, &obtained));
    }
    let written = fs::read_to_string(stage.file()).unwrap();
    assert!(!written.contains(&token) && written.contains("expires_unix_s"));
    let list = stage.cache.list().await.unwrap();
    assert!(list.entries[0].in_keyring);
    assert_eq!(page.visits(), 1);
}

#[tokio::test]
async fn a_token_that_is_there_stays_there_until_it_is_forgotten() {
    let mut stage = stage();
    let page = Page::answering(&[Ok("one"), Ok("two"), Ok("three"), Ok("four")]);
    stage.get(Freshness::Cached, &page).await.unwrap();
    // Whoever renews it need not know.
    stage.cache.keyring_wanted = false;
    stage.later(1);
    stage.get(Freshness::Fresh, &page).await.unwrap();
    let kept = stage.folder.path().join(source().key());
    assert_eq!(fs::read_to_string(&kept).unwrap(), "two");
    // Taken out by hand: it is read anew, and kept there again.
    fs::remove_file(&kept).unwrap();
    let got = stage.get(Freshness::Cached, &page).await.unwrap();
    assert_eq!(got.value(), "three");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "three");
    assert_eq!(stage.cache.forget_all().await.unwrap().tokens, 1);
    assert!(!kept.exists());
}

#[tokio::test]
async fn without_a_keyring_no_page_is_visited() {
    let mut stage = stage();
    stage.cache.keyring = Keyring::by("towpath-no-such-program");
    let page = Page::default();
    let error = stage.get(Freshness::Cached, &page).await.unwrap_err();
    assert!(matches!(error, TokenError::Keyring { .. }) && error.of_the_user());
    assert_eq!(page.visits(), 0);
}
