//! What is told, and that it is told once.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;
use towpath_chat::Kind;
use towpath_sides::{Event, Mark};

use super::scene::{ROOM, Scene};

#[tokio::test]
async fn the_first_start_tells_what_is_said_from_now_on() {
    let mut scene = Scene::before(|_| {}).await;
    scene.person("old").await;
    scene.join(ROOM, None).await;
    scene.is_ready().await;
    let id = scene.person("new").await;
    let (message, replayed) = scene.told().await;
    assert!(!replayed);
    assert_eq!(message.text, "new");
    assert_eq!(
        (message.side.as_str(), message.room.as_str()),
        ("kosmi.main", ROOM)
    );
    assert_eq!(message.id, Some(id));
    assert_eq!(message.author.name, "Ann");
    assert!(message.author.id.is_some());
}

#[tokio::test]
async fn a_gap_is_told_from_the_history_once_and_in_order() {
    let mut scene = Scene::ready().await;
    scene.troubles(json!({"page": 3})).await;
    scene.nothing_but("before").await;
    let connections = scene.connections();
    scene
        .troubles(json!({"refuse_login": 503, "refuse": 503}))
        .await;
    scene.control("drop", json!({})).await;
    let mut said = Vec::new();
    for number in 0..20 {
        said.push(format!("in the gap {number}"));
        scene.person(&said[number]).await;
    }
    scene
        .troubles(json!({"refuse_login": null, "refuse": null}))
        .await;
    scene.is_back(connections).await;
    assert_eq!(scene.texts(20).await, said);
    scene.nothing_but("after").await;
}

#[tokio::test]
async fn what_is_said_while_the_history_is_read_waits_its_turn() {
    let mut scene = Scene::ready().await;
    scene.nothing_but("before").await;
    let connections = scene.connections();
    scene.troubles(json!({"archive_delay_ms": 300})).await;
    scene.control("drop", json!({})).await;
    scene.person("in the gap").await;
    // Until the history is there the side is not ready, and this comes live.
    let connected = scene
        .side
        .states
        .wait_for(|states| states.connections > connections);
    drop(connected.await.unwrap());
    scene.person("meanwhile").await;
    assert_eq!(scene.texts(2).await, ["in the gap", "meanwhile"]);
    scene.troubles(json!({"archive_delay_ms": 0})).await;
    scene.nothing_but("after").await;
}

#[tokio::test]
async fn a_restart_goes_on_behind_the_mark() {
    let mut scene = Scene::ready().await;
    let id = scene.person("before").await;
    let (message, _) = scene.told().await;
    let piece = scene.piece("by us");
    scene.deliver(piece).await;
    scene.side.sender.end().await;
    scene.person("in the gap").await;
    scene.restart().await;
    let mark = Mark {
        id: Some(id),
        at_unix_ms: message.at_unix_ms,
    };
    scene.join(ROOM, Some(mark)).await;
    let (message, replayed) = scene.told().await;
    assert_eq!((message.text.as_str(), replayed), ("in the gap", true));
    scene.nothing_but("after").await;
}

#[tokio::test]
async fn a_history_that_is_too_short_is_told_to_be() {
    let mut scene = Scene::before(|_| {}).await;
    scene.person("newer").await;
    let mark = Mark {
        id: Some("gone".to_owned()),
        at_unix_ms: 1_000,
    };
    scene.join(ROOM, Some(mark)).await;
    let Event::Missed { room, why, .. } = scene.event().await else {
        panic!("nothing is said of it");
    };
    assert_eq!(room, ROOM);
    assert!(why.contains("does not reach"), "{why}");
    assert_eq!(scene.texts(1).await, ["newer"]);
}

#[tokio::test]
async fn edits_deletes_and_comings_are_told() {
    let mut scene = Scene::before(|settings| settings.members = true).await;
    scene.join(ROOM, None).await;
    scene.is_ready().await;
    let id = scene.person("hi").await;
    scene.told().await;
    scene
        .control("edit", json!({"id": id, "text": "hello"}))
        .await;
    let (edit, _) = scene.told().await;
    assert_eq!(
        (edit.text.as_str(), &edit.kind),
        ("hello", &Kind::Edit { of: id.clone() })
    );
    assert_ne!(edit.id.as_ref(), Some(&id));
    scene.control("delete", json!({"id": id})).await;
    assert_eq!(scene.told().await.0.kind, Kind::Delete { of: id });
    scene
        .control("join", json!({"room": ROOM, "name": "Bob"}))
        .await;
    let (join, _) = scene.told().await;
    assert_eq!((join.kind, join.author.name.as_str()), (Kind::Join, "Bob"));
    scene
        .control("leave", json!({"room": ROOM, "name": "Bob"}))
        .await;
    assert_eq!(scene.told().await.0.kind, Kind::Leave);
}

#[tokio::test]
async fn a_picture_is_a_file() {
    let mut scene = Scene::ready().await;
    scene.person("look https://img.kosmi.io/0b1c.webp").await;
    let (message, _) = scene.told().await;
    assert_eq!(message.text, "look");
    assert_eq!(message.files[0].url, "https://img.kosmi.io/0b1c.webp");
}

#[tokio::test]
async fn rooms_are_apart() {
    let mut scene = Scene::ready().await;
    scene.join("@other", None).await;
    let both =
        |states: &towpath_sides::States| states.rooms.len() == 2 && states.connection.is_ready();
    drop(scene.side.states.wait_for(both).await.unwrap());
    let said = json!({"room": "@other", "name": "Ann", "text": "there"});
    scene.control("say", said).await;
    assert_eq!(scene.told().await.0.room, "@other");
    scene.side.sender.leave("@other").await;
    let one =
        |states: &towpath_sides::States| states.rooms.len() == 1 && states.connection.is_ready();
    drop(scene.side.states.wait_for(one).await.unwrap());
    scene.nothing_but("here").await;
}

#[tokio::test]
async fn where_there_is_no_history_a_gap_is_told_to_be_one() {
    let mut scene = Scene::before(|_| {}).await;
    scene
        .troubles(json!({"errors": {"chatArchive": "no such field"}}))
        .await;
    scene.join(ROOM, None).await;
    scene.is_ready().await;
    scene.nothing_but("before").await;
    let connections = scene.connections();
    scene.control("drop", json!({})).await;
    scene.is_back(connections).await;
    let Event::Missed { why, .. } = scene.event().await else {
        panic!("nothing is said of it");
    };
    assert!(why.contains("no such field"), "{why}");
    let piece = scene.piece("hello");
    scene.deliver(piece).await;
    scene.nothing_but("after").await;
}

#[tokio::test]
async fn a_history_without_an_answer_is_no_reason_to_wait() {
    let mut scene = Scene::ready().await;
    let connections = scene.connections();
    scene.troubles(json!({"unanswered": ["chatArchive"]})).await;
    let seen = scene
        .side
        .states
        .wait_for(|states| states.last_trouble.is_some());
    drop(tokio::time::timeout(Duration::from_secs(10), seen).await);
    assert!(scene.trouble().contains("history"), "{}", scene.trouble());
    scene.troubles(json!({"unanswered": []})).await;
    scene.is_back(connections).await;
    scene.nothing_but("after").await;
}

#[tokio::test]
async fn a_page_is_turned_where_its_times_tell_its_direction() {
    let mut scene = Scene::ready().await;
    scene.troubles(json!({"newest_first": true})).await;
    scene.nothing_but("before").await;
    let connections = scene.connections();
    scene.troubles(json!({"refuse": 503})).await;
    scene.control("drop", json!({})).await;
    for text in ["one", "two", "three"] {
        scene.person(text).await;
        // The history knows whole seconds.
        sleep(Duration::from_millis(600)).await;
    }
    scene.troubles(json!({"refuse": null})).await;
    scene.is_back(connections).await;
    assert_eq!(scene.texts(3).await, ["one", "two", "three"]);
}
