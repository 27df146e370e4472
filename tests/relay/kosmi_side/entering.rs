//! Getting into a room, and back into it.

use serde_json::json;
use towpath_chat::kosmi::Profile;
use towpath_lab::KosmiOptions;
use towpath_sides::State;

use super::scene::{ROOM, Scene};

fn is_waiting(state: &State) -> bool {
    matches!(state, State::Waiting { .. })
}

fn is_stopped(state: &State) -> bool {
    matches!(state, State::Stopped { .. })
}

#[tokio::test]
async fn an_unknown_room_stops_with_the_way_to_write_it() {
    let mut scene = Scene::before(|_| {}).await;
    scene.join("lounge", None).await;
    let state = scene.sees("stopped", is_stopped).await;
    let State::Stopped { why } = state else {
        panic!("{state:?}");
    };
    assert!(why.sentence.contains("ROOM_NOT_FOUND"), "{why}");
    assert!(
        why.remedy
            .is_some_and(|remedy| remedy.contains("`@lounge`"))
    );
}

#[tokio::test]
async fn a_text_that_names_no_room_stops() {
    let mut scene = Scene::before(|_| {}).await;
    scene.join("#lounge\r\n", None).await;
    scene.sees("stopped", is_stopped).await;
    assert!(
        scene.trouble().contains("names no room"),
        "{}",
        scene.trouble()
    );
    assert_eq!(scene.connections(), 0);
}

#[tokio::test]
async fn a_room_is_named_by_its_page_too() {
    let mut scene = Scene::before(|_| {}).await;
    scene.join("https://app.kosmi.io/room/@lounge", None).await;
    scene.is_ready().await;
    scene.person("hi").await;
    assert_eq!(
        scene.told().await.0.room,
        "https://app.kosmi.io/room/@lounge"
    );
}

#[tokio::test]
async fn the_older_generation_is_spoken_too() {
    let options = KosmiOptions {
        legacy: true,
        ..KosmiOptions::default()
    };
    let mut scene = Scene::on(options, |settings| {
        settings.profile = Profile::read("[service]\nsubprotocols = [\"graphql-ws\"]\n").unwrap();
    })
    .await;
    scene.join(ROOM, None).await;
    scene.is_ready().await;
    scene.nothing_but("hi").await;
    let piece = scene.piece("hello");
    scene.deliver(piece).await;
}

#[tokio::test]
async fn no_acknowledgement_is_a_loss_and_not_a_wait() {
    let mut scene = Scene::before(|_| {}).await;
    scene.troubles(json!({"no_ack": true})).await;
    scene.join(ROOM, None).await;
    scene.sees("waiting", is_waiting).await;
    assert!(
        scene.trouble().contains("acknowledge"),
        "{}",
        scene.trouble()
    );
    scene.troubles(json!({"no_ack": false})).await;
    scene.is_ready().await;
}

#[tokio::test]
async fn steps_that_can_be_done_without_are() {
    let mut scene = Scene::before(|_| {}).await;
    scene
        .troubles(json!({
            "errors": {"messageEdited": "no such field", "messageDeleted": "no such field", "currentUser": "no such field"},
            "unanswered": ["roomDisconnect"],
            "error_as_object": true,
        }))
        .await;
    scene.join(ROOM, None).await;
    scene.is_ready().await;
    scene.nothing_but("hi").await;
    assert_eq!(scene.connections(), 1);
}

#[tokio::test]
async fn a_join_without_an_answer_is_tried_again() {
    let mut scene = Scene::before(|_| {}).await;
    scene.troubles(json!({"unanswered": ["joinRoom"]})).await;
    scene.join(ROOM, None).await;
    scene.sees("waiting", is_waiting).await;
    assert!(scene.trouble().contains("join"), "{}", scene.trouble());
    scene.troubles(json!({"unanswered": []})).await;
    scene.is_ready().await;
}

#[tokio::test]
async fn a_silent_death_is_noticed() {
    let mut scene = Scene::ready().await;
    let before = scene.connections();
    scene.control("mute", json!({})).await;
    scene.is_back(before).await;
    scene.nothing_but("hi").await;
}

#[tokio::test]
async fn a_removal_is_named_and_the_room_entered_again() {
    let mut scene = Scene::ready().await;
    let before = scene.connections();
    scene.control("remove", json!({"room": ROOM})).await;
    scene.is_back(before).await;
    assert!(scene.trouble().contains("removed"), "{}", scene.trouble());
    scene.nothing_but("hi").await;
}

#[tokio::test]
async fn codes_that_pass_and_codes_that_do_not_are_told_apart() {
    let mut scene = Scene::ready().await;
    let before = scene.connections();
    scene
        .control("close", json!({"code": 1012, "reason": "restart"}))
        .await;
    scene.is_back(before).await;
    scene
        .control(
            "close",
            json!({"code": 4400, "reason": "Unhandled message"}),
        )
        .await;
    scene.sees("stopped", is_stopped).await;
    assert!(scene.trouble().contains("4400"), "{}", scene.trouble());
    assert!(
        scene.trouble().contains("Unhandled message"),
        "{}",
        scene.trouble()
    );
}

#[tokio::test]
async fn a_refusal_has_its_finding_and_remedy() {
    let mut scene = Scene::before(|settings| {
        settings.profile = Profile::read("[service]\nsubprotocols = [\"graphql-ws\"]\n").unwrap();
        settings.times.open = std::time::Duration::from_secs(20);
    })
    .await;
    scene.join(ROOM, None).await;
    let seen = scene
        .side
        .states
        .wait_for(|states| states.last_trouble.is_some());
    let seen = tokio::time::timeout(std::time::Duration::from_secs(20), seen).await;
    let trouble = seen.unwrap().unwrap().last_trouble.clone().unwrap();
    assert!(trouble.why.sentence.contains("403"), "{}", trouble.why);
    let finding = trouble.why.finding.expect("a finding");
    assert_eq!(finding.cause, "http-403-subproto");
    assert!(trouble.why.remedy.is_some());
}

#[tokio::test]
async fn a_side_without_rooms_has_nothing_to_wait_for() {
    let mut scene = Scene::before(|_| {}).await;
    scene.is_ready().await;
    assert_eq!(scene.connections(), 0);
}

#[tokio::test]
async fn a_room_that_was_left_can_be_joined_again_at_once() {
    let mut scene = Scene::ready().await;
    scene.nothing_but("before").await;
    scene.side.sender.leave(ROOM).await;
    scene.join(ROOM, None).await;
    scene.is_back(1).await;
    scene.nothing_but("after").await;
    assert_eq!(scene.side.states.borrow().way.as_deref(), Some("directly"));
}
