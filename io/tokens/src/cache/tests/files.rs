//! Files that were changed by others, and what may stand in them.

use std::fs;

use super::*;

async fn kept(stage: &Stage) -> Token {
    let page = Page::answering(&[Ok("s3cret")]);
    stage.get(Freshness::Cached, &page).await.unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_their_owner_only_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::new();
    kept(&stage).await;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&stage.file()), 0o600);
    assert_eq!(mode(stage.file().parent().unwrap()), 0o700);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_read_is_refused_with_the_fix_and_can_be_forgotten() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::new();
    kept(&stage).await;
    fs::set_permissions(stage.file(), fs::Permissions::from_mode(0o644)).unwrap();
    let page = Page::default();
    let error = stage.get(Freshness::Cached, &page).await.unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
    assert!(error.of_the_user());
    assert_eq!(page.visits(), 0);
    assert_eq!(stage.cache.list().await.unwrap().problems.len(), 1);
    let forgotten = stage.cache.forget("https://app.example/", None).await;
    assert_eq!(forgotten.unwrap().tokens, 1);
    stage.get(Freshness::Cached, &page).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_not_followed() {
    let stage = Stage::new();
    kept(&stage).await;
    let elsewhere = stage.folder.path().join("elsewhere");
    fs::rename(stage.file(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, stage.file()).unwrap();
    let page = Page::default();
    let error = stage.get(Freshness::Cached, &page).await.unwrap_err();
    assert!(error.to_string().contains("symbolic link"), "{error}");
    assert_eq!(stage.cache.forget_all().await.unwrap().others, 1);
    assert!(elsewhere.exists());
}

#[tokio::test]
async fn a_damaged_file_is_replaced_and_a_newer_one_is_left_alone() {
    let stage = Stage::new();
    kept(&stage).await;
    let change = |content: &str| fs::write(stage.file(), content).unwrap();
    change("{\"version\":1");
    assert_eq!(stage.cache.list().await.unwrap().problems.len(), 1);
    assert_eq!(kept(&stage).await.obtained(), &Obtained::Read);
    change("{\"version\":9}");
    let page = Page::default();
    let error = stage.get(Freshness::Fresh, &page).await.unwrap_err();
    assert!(
        matches!(error, TokenError::Newer { found: 9, .. }),
        "{error}"
    );
    assert_eq!(page.visits(), 0);
}

#[tokio::test]
async fn a_file_with_the_wrong_name_is_not_believed() {
    let stage = Stage::new();
    kept(&stage).await;
    let text = fs::read_to_string(stage.file()).unwrap();
    fs::write(stage.file(), text.replace("app.example", "evil.example")).unwrap();
    assert_eq!(kept(&stage).await.obtained(), &Obtained::Read);
}

#[tokio::test]
async fn what_a_killed_process_left_is_no_hindrance() {
    let stage = Stage::new();
    let key = source().key();
    let folder = stage.folder.path().join("tokens");
    fs::write(folder.join(format!("{key}.new")), "half").unwrap();
    fs::write(folder.join(format!("{key}.lock")), "").unwrap();
    kept(&stage).await;
    assert_eq!(stage.names(), [format!("{key}.json")]);
}
