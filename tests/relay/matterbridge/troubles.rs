//! What goes wrong at the other end, and what the side says and does then.

use serde_json::{Value, json};
use towpath_chat::Kind;
use towpath_lab::MatterbridgeOptions;
use towpath_sides::{Join, Outcome, State};

use super::world::World;
use super::{ROOM, end, joined, piece, room_is_ready, said, settings, until};

#[tokio::test]
async fn a_gateway_that_is_not_there_is_told_where_that_can_be_known() {
    let world = World::double_with(MatterbridgeOptions {
        gateways: Some(vec![ROOM.to_owned(), "attic".to_owned()]),
        tells_gateways: true,
        ..MatterbridgeOptions::default()
    })
    .await;
    let mut side = joined(settings(&world), None).await;
    let room = "cellar".to_owned();
    side.sender.join(Join { room, since: None }).await;
    until(&mut side, |states| {
        let Some(State::Stopped { why }) = states.rooms.get("cellar") else {
            return false;
        };
        why.remedy
            .as_ref()
            .is_some_and(|remedy| remedy.contains("attic"))
    })
    .await;
    let mut lost = piece("bob", "hi", Kind::Text);
    lost.room = "cellar".to_owned();
    let outcome = side.sender.send(lost).await;
    assert!(matches!(outcome, Outcome::Later { .. }), "{outcome:?}");
    assert_eq!(world.count("posts").await, 0);
    end(side).await;
}

#[tokio::test]
async fn a_piece_without_an_answer_is_of_unknown_fate() {
    let world = World::double().await;
    for (trouble, arrives) in [("vanish_after_posts", 1), ("vanish_before_posts", 0)] {
        let before = world.heard().await.len();
        world.control("troubles", &json!({ trouble: 1 })).await;
        let mut side = joined(settings(&world), None).await;
        let outcome = side.sender.send(piece("bob", trouble, Kind::Text)).await;
        let is_uncertain = matches!(
            outcome,
            Outcome::Later {
                uncertain: true,
                ..
            }
        );
        assert!(is_uncertain, "{outcome:?}");
        assert_eq!(world.heard().await.len() - before, arrives);
        // It is in order again by itself.
        until(&mut side, room_is_ready).await;
        let outcome = side.sender.send(piece("bob", "again", Kind::Text)).await;
        assert_eq!(outcome, Outcome::Delivered { id: None });
        end(side).await;
    }
}

#[tokio::test]
async fn a_busy_proxy_before_it_is_waited_out() {
    let world = World::double().await;
    let mut side = joined(settings(&world), None).await;
    world.control("troubles", &json!({ "refuse": 503 })).await;
    let outcome = side.sender.send(piece("bob", "hi", Kind::Text)).await;
    let is_certain = matches!(
        outcome,
        Outcome::Later {
            uncertain: false,
            ..
        }
    );
    assert!(is_certain, "{outcome:?}");
    let is_waiting = |state: &State| matches!(state, State::Waiting { .. });
    assert!(is_waiting(&side.states.borrow().rooms[ROOM]));
    // What is said meanwhile is heard all the same.
    world.say("psst").await;
    assert_eq!(said(&mut side).await.0.text, "psst");
    world
        .control("troubles", &json!({ "refuse": Value::Null }))
        .await;
    until(&mut side, room_is_ready).await;
    assert_eq!(side.states.borrow().connections, 1);
    end(side).await;
}

#[tokio::test]
async fn a_websocket_that_is_cut_or_closed_comes_back() {
    let world = World::double().await;
    let mut side = joined(settings(&world), None).await;
    for (connections, how) in [(2, "drop"), (3, "close")] {
        world.control(how, &json!({ "code": 1012 })).await;
        until(&mut side, |states| {
            states.connections == connections && room_is_ready(states)
        })
        .await;
        world.say(how).await;
        assert_eq!(said(&mut side).await.0.text, how);
    }
    end(side).await;
}

#[tokio::test]
async fn an_empty_text_is_not_called_delivered() {
    let world = World::double().await;
    let side = joined(settings(&world), None).await;
    let outcome = side.sender.send(piece("bob", "", Kind::Text)).await;
    assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    end(side).await;
}
