//! Whose token is shown, and what becomes of it.

use serde_json::json;
use towpath_sides::kosmi::Login;
use towpath_sides::{Hidden, State};

use super::scene::{ROOM, Scene};

fn is_stopped(state: &State) -> bool {
    matches!(state, State::Stopped { .. })
}

#[tokio::test]
async fn a_visitor_stays_the_same_over_a_restart() {
    let mut scene = Scene::ready().await;
    let own = scene.own().to_vec();
    assert_eq!(own.len(), 1);
    scene.restart().await;
    scene.join(ROOM, None).await;
    scene.is_ready().await;
    assert_eq!(scene.own(), own);
}

#[tokio::test]
async fn a_token_that_is_not_taken_any_more_is_renewed_once() {
    for refusal in ["error", "forbidden", "unauthorized"] {
        let mut scene = Scene::ready().await;
        scene.troubles(json!({"refusal": refusal})).await;
        let before = scene.connections();
        scene.nothing_but("before").await;
        scene.control("revoke", json!({})).await;
        scene.control("drop", json!({})).await;
        scene.is_back(before).await;
        assert_eq!(scene.own().len(), 2, "{refusal}");
        scene.nothing_but("after").await;
    }
}

#[tokio::test]
async fn a_given_token_that_is_refused_stops_with_what_to_do() {
    for refusal in ["error", "forbidden", "unauthorized"] {
        let mut scene = Scene::before(|settings| {
            settings.login = Login::Token(Hidden::new("no.such.token"));
        })
        .await;
        scene.troubles(json!({"refusal": refusal})).await;
        scene.join(ROOM, None).await;
        let state = scene.sees("stopped", is_stopped).await;
        let State::Stopped { why } = state else {
            panic!("{state:?}");
        };
        assert!(why.sentence.contains("token"), "{refusal}: {why}");
        assert!(why.remedy.is_some(), "{refusal}: {why}");
        assert!(!format!("{:?}", scene.side.states.borrow().clone()).contains("no.such.token"));
    }
}

#[tokio::test]
async fn a_given_token_is_the_account_it_belongs_to() {
    let mut scene = Scene::before(|_| {}).await;
    let token = scene.control("token", json!({"name": "Bridge"})).await;
    scene.settings.login = Login::Token(Hidden::new(token["token"].as_str().unwrap()));
    scene.restart().await;
    scene.join(ROOM, None).await;
    scene.is_ready().await;
    assert_eq!(
        scene.side.states.borrow().speaks_as.as_deref(),
        Some("Bridge")
    );
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_and_tried_again_later() {
    let mut scene = Scene::before(|_| {}).await;
    scene.troubles(json!({"refuse_login": 503})).await;
    scene.join(ROOM, None).await;
    scene
        .sees("waiting", |state| matches!(state, State::Waiting { .. }))
        .await;
    assert!(scene.trouble().contains("503"), "{}", scene.trouble());
    assert_eq!(scene.connections(), 0);
}

#[tokio::test]
async fn a_new_token_that_is_refused_too_stops() {
    let mut scene = Scene::before(|_| {}).await;
    scene
        .troubles(json!({"errors": {"joinRoom": "invalid token"}}))
        .await;
    scene.join(ROOM, None).await;
    scene.sees("stopped", is_stopped).await;
    let trouble = scene.trouble();
    assert!(
        trouble.contains("a new token is refused as well"),
        "{trouble}"
    );
    assert_eq!(scene.connections(), 2);
}

#[tokio::test]
async fn who_we_are_is_learned_from_the_room_where_nothing_else_tells() {
    let mut scene = Scene::before(|_| {}).await;
    scene
        .troubles(json!({"errors": {"currentUser": "no such field"}}))
        .await;
    scene.join(ROOM, None).await;
    let piece = scene.piece("hello");
    scene.deliver(piece).await;
    scene.nothing_but("after").await;
}

#[tokio::test]
async fn a_page_is_read_by_a_browser_or_not_at_all() {
    let mut scene = Scene::before(|settings| {
        settings.login = Login::Page {
            page: None,
            place: None,
        };
    })
    .await;
    scene.join(ROOM, None).await;
    scene.sees("stopped", is_stopped).await;
    assert!(scene.trouble().contains("browser"), "{}", scene.trouble());
}
