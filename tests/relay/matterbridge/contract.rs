//! What Matterbridge does and the side relies on. The same for the stand-in and the real program.

use towpath_chat::Kind;
use towpath_sides::{Hidden, Outcome, State};

use super::world::World;
use super::{ROOM, end, joined, piece, room_is_ready, said, settings, until};

#[tokio::test]
async fn the_stand_in_keeps_the_contract() {
    keeps_the_contract(World::double().await).await;
}

#[tokio::test]
async fn the_real_matterbridge_keeps_the_contract() {
    if let Some(world) = World::real().await {
        keeps_the_contract(world).await;
    }
}

async fn keeps_the_contract(mut world: World) {
    a_wrong_token_stops_the_side(&world).await;
    let mut side = joined(settings(&world), None).await;
    // Heard, with its author and its network.
    world.say("good morning").await;
    let (message, replayed) = said(&mut side).await;
    assert_eq!((message.text.as_str(), replayed), ("good morning", false));
    assert_eq!(
        (message.room.as_str(), message.author.name.as_str()),
        (ROOM, "ann")
    );
    assert_eq!(message.author.network.as_deref(), Some("irc"));
    assert_eq!(message.kind, Kind::Text);
    world.act("waves").await;
    let (message, _) = said(&mut side).await;
    assert_eq!(
        (message.text.as_str(), message.kind),
        ("waves", Kind::Action)
    );
    // Told, and not told back.
    let outcome = side
        .sender
        .send(piece("bob", "hello ann", Kind::Text))
        .await;
    assert_eq!(outcome, Outcome::Delivered { id: None });
    world.hears("bob", "hello ann").await;
    world.say("hello bob").await;
    assert_eq!(said(&mut side).await.0.text, "hello bob");
    // Back after a restart.
    world.restart().await;
    until(&mut side, |states| {
        states.last_trouble.is_some() && room_is_ready(states)
    })
    .await;
    world.say("still there?").await;
    assert_eq!(said(&mut side).await.0.text, "still there?");
    let outcome = side.sender.send(piece("bob", "yes", Kind::Text)).await;
    assert_eq!(outcome, Outcome::Delivered { id: None });
    world.hears("bob", "yes").await;
    end(side).await;
}

async fn a_wrong_token_stops_the_side(world: &World) {
    for token in [Some(Hidden::new("wr0ng")), None] {
        let mut settings = settings(world);
        settings.token = token;
        let mut side = towpath_sides::matterbridge::start(settings);
        until(&mut side, |states| {
            matches!(&states.connection, State::Stopped { why } if why.sentence.contains("token"))
        })
        .await;
        let states = format!("{:?}", side.states.borrow());
        assert!(!states.contains("wr0ng"), "{states}");
        end(side).await;
    }
}
