//! What is said, and that it is said once.

use serde_json::json;
use towpath_sides::Outcome;

use super::scene::Scene;

#[tokio::test]
async fn the_room_proves_what_was_said_and_nobody_is_told_of_it() {
    let mut scene = Scene::ready().await;
    let piece = scene.piece("hello\nfrom \"here\" \\ {evil} $x");
    let Outcome::Delivered { id } = scene.send(&piece).await else {
        panic!("not delivered");
    };
    assert!(id.is_some());
    assert_eq!(scene.said_by_us().await, [piece.outgoing.text.as_str()]);
    scene.nothing_but("after").await;
}

#[tokio::test]
async fn an_ok_without_the_message_is_no_proof() {
    let mut scene = Scene::ready().await;
    scene.troubles(json!({"swallow_sends": 2})).await;
    let piece = scene.piece("hello");
    let (_, tries) = scene.deliver(piece).await;
    assert_eq!(tries, 3);
    assert_eq!(scene.said_by_us().await, ["hello"]);
    assert!(
        scene.trouble().contains("the server said ok"),
        "{}",
        scene.trouble()
    );
}

#[tokio::test]
async fn what_was_said_before_a_loss_is_not_said_again() {
    let mut scene = Scene::ready().await;
    let first = scene.piece("same");
    let (behind, _) = scene.deliver(first).await;
    scene.troubles(json!({"vanish_after_sends": 1})).await;
    let mut second = scene.piece("same");
    second.behind = behind;
    let (_, tries) = scene.deliver(second).await;
    assert_eq!(tries, 2);
    assert_eq!(scene.said_by_us().await, ["same", "same"]);
}

#[tokio::test]
async fn what_was_lost_is_said_again() {
    let mut scene = Scene::ready().await;
    let first = scene.piece("same");
    let (behind, _) = scene.deliver(first).await;
    scene.troubles(json!({"vanish_before_sends": 1})).await;
    let mut second = scene.piece("same");
    second.behind = behind;
    let (_, tries) = scene.deliver(second).await;
    assert_eq!(tries, 2);
    assert_eq!(scene.said_by_us().await, ["same", "same"]);
}

#[tokio::test]
async fn a_restart_finds_what_was_said_before_it() {
    let mut scene = Scene::ready().await;
    let mut piece = scene.piece("hello");
    scene.deliver(piece.clone()).await;
    scene.own();
    scene.restart().await;
    scene.join(super::scene::ROOM, None).await;
    // As if the program had ended before the outcome was written down.
    piece.begun_unix_ms = Some(0);
    scene.deliver(piece).await;
    assert_eq!(scene.said_by_us().await, ["hello"]);
}

#[tokio::test]
async fn a_late_echo_is_found_in_the_history() {
    let mut scene = Scene::ready().await;
    scene.troubles(json!({"tell_delay_ms": 1_200})).await;
    let piece = scene.piece("hello");
    let (id, tries) = scene.deliver(piece).await;
    assert!(id.is_some());
    assert_eq!(tries, 1);
    assert_eq!(scene.said_by_us().await, ["hello"]);
}

#[tokio::test]
async fn no_answer_to_a_sending_is_an_outcome_too() {
    let mut scene = Scene::ready().await;
    scene
        .troubles(json!({"unanswered": ["sendMessage", "sendMessage2"]}))
        .await;
    let piece = scene.piece("hello");
    let outcome = scene.send(&piece).await;
    assert!(
        matches!(
            outcome,
            Outcome::Later {
                uncertain: true,
                ..
            }
        ),
        "it is not known, and nobody waits for an answer: {outcome:?}"
    );
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_given_up() {
    let mut scene = Scene::ready().await;
    scene.troubles(json!({"body_chars_max": 5})).await;
    let mut piece = scene.piece("too long for it");
    for _ in 0..10 {
        match scene.send(&piece).await {
            Outcome::Refused { why } => {
                assert!(why.contains("tried 6 times"), "{why}");
                let next = scene.piece("short");
                scene.deliver(next).await;
                assert_eq!(scene.said_by_us().await, ["short"]);
                return;
            }
            Outcome::Later { .. } => piece.begun_unix_ms = Some(0),
            Outcome::Delivered { .. } => panic!("nobody can have it"),
        }
        scene.is_ready().await;
    }
    panic!("it is tried for ever");
}

#[tokio::test]
async fn a_room_that_was_not_joined_takes_nothing() {
    let mut scene = Scene::before(|_| {}).await;
    let piece = scene.piece("hello");
    let outcome = scene.send(&piece).await;
    assert!(
        matches!(
            outcome,
            Outcome::Later {
                uncertain: false,
                ..
            }
        ),
        "{outcome:?}"
    );
}
