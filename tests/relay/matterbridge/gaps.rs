//! What is said while the relay does not listen: lost, or taken from where this Matterbridge keeps it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;
use towpath_lab::MatterbridgeOptions;
use towpath_sides::{Event, Join, Mark, Side};

use super::world::World;
use super::{PATIENCE, ROOM, end, joined, said, settings};

/// The texts of the next messages.
async fn texts(side: &mut Side, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..count {
        texts.push(said(side).await.0.text);
    }
    texts
}

/// Hears something, leaves, says more, and comes back from where it was.
async fn leaves_and_comes_back(world: &World, only_client: bool) -> Side {
    let with = || {
        let mut settings = settings(world);
        settings.only_client = only_client;
        settings
    };
    let mut side = joined(with(), None).await;
    world.say("one").await;
    let (message, _) = said(&mut side).await;
    assert_eq!(message.text, "one");
    end(side).await;
    for text in ["two", "three"] {
        world.say(text).await;
    }
    let mark = Mark {
        id: message.id,
        at_unix_ms: message.at_unix_ms,
    };
    let side = joined(with(), Some(mark)).await;
    world.say("four").await;
    side
}

#[tokio::test]
async fn the_only_client_takes_a_gap_from_the_buffer() {
    let world = World::double().await;
    let mut side = leaves_and_comes_back(&world, true).await;
    let all = texts(&mut side, 4).await;
    assert_eq!(all, ["one", "two", "three", "four"]);
    end(side).await;
}

#[tokio::test]
async fn the_buffer_holds_as_much_in_the_second_gap_as_in_the_first() {
    const COUNT: usize = 12;
    let world = World::double_with(MatterbridgeOptions {
        buffer: COUNT + 2,
        ..MatterbridgeOptions::default()
    })
    .await;
    let mut settings = settings(&world);
    settings.only_client = true;
    let (mut since, mut gap) = (None, Vec::new());
    for round in 0..3 {
        let mut side = joined(settings.clone(), since).await;
        let live = format!("live {round}");
        world.say(&live).await;
        let mut told = Vec::new();
        let last = loop {
            let (message, _) = said(&mut side).await;
            if message.text == live {
                break message;
            }
            // What was heard before the gap may be in the buffer as well.
            if !message.text.starts_with("live") {
                told.push(message.text);
            }
        };
        assert_eq!(told, gap);
        end(side).await;
        since = Some(Mark {
            id: last.id,
            at_unix_ms: last.at_unix_ms,
        });
        gap = (0..COUNT).map(|n| format!("{round} {n}")).collect();
        for text in &gap {
            world.say(text).await;
        }
    }
}

#[tokio::test]
async fn the_first_start_leaves_alone_what_was_said_before() {
    for keeps_history in [false, true] {
        let world = World::double_with(MatterbridgeOptions {
            keeps_history,
            ..MatterbridgeOptions::default()
        })
        .await;
        world.say("before").await;
        let mut settings = settings(&world);
        settings.only_client = true;
        let mut side = joined(settings, None).await;
        world.say("after").await;
        assert_eq!(said(&mut side).await.0.text, "after");
        end(side).await;
    }
}

#[tokio::test]
async fn one_client_of_several_leaves_the_buffer_alone() {
    let world = World::double().await;
    let mut side = leaves_and_comes_back(&world, false).await;
    assert_eq!(said(&mut side).await.0.text, "four");
    assert_eq!(world.count("taken").await, 0);
    // It says so.
    let missed = timeout(PATIENCE, side.events.recv()).await.unwrap();
    let is_the_rooms = matches!(&missed, Some(Event::Missed { room, .. }) if room == ROOM);
    assert!(is_the_rooms, "{missed:?}");
    end(side).await;
}

#[tokio::test]
async fn a_history_is_taken_where_there_is_one() {
    let world = World::double_with(MatterbridgeOptions {
        keeps_history: true,
        ..MatterbridgeOptions::default()
    })
    .await;
    let mut side = leaves_and_comes_back(&world, false).await;
    // The one that is known comes again with the same id, for its owner to recognise.
    let (first, replayed) = said(&mut side).await;
    assert_eq!((first.text.as_str(), replayed), ("one", true));
    assert_eq!(texts(&mut side, 3).await, ["two", "three", "four"]);
    end(side).await;
}

#[tokio::test]
async fn the_history_of_a_room_that_is_named_late_is_taken_too() {
    let world = World::double_with(MatterbridgeOptions {
        keeps_history: true,
        ..MatterbridgeOptions::default()
    })
    .await;
    let first = json!({"room": "attic", "name": "ann", "text": "in the attic"});
    world.control("say", &first).await;
    world.say("in the lounge").await;
    let since = || {
        Some(Mark {
            id: Some("known".to_owned()),
            at_unix_ms: 0,
        })
    };
    let mut side = joined(settings(&world), since()).await;
    assert_eq!(said(&mut side).await.0.text, "in the lounge");
    let room = "attic".to_owned();
    let since = since();
    side.sender.join(Join { room, since }).await;
    loop {
        let (message, replayed) = said(&mut side).await;
        assert!(replayed, "{message:?}");
        if message.text == "in the attic" {
            break;
        }
    }
    end(side).await;
}

#[tokio::test]
async fn a_silent_websocket_is_replaced_before_it_is_closed() {
    const COUNT: usize = 300;
    let world = World::double().await;
    let mut settings = settings(&world);
    settings.silence = Duration::from_millis(5);
    let mut side = joined(settings, None).await;
    let saying = async {
        for number in 0..COUNT {
            world.say(&number.to_string()).await;
            // Pauses on both sides of the time after which the websocket is taken for silent.
            tokio::time::sleep(Duration::from_millis(u64::from(number % 7 == 0) * 12)).await;
        }
        world.say("the end").await;
    };
    let hearing = async {
        let (mut ids, mut numbers) = (BTreeSet::new(), Vec::new());
        loop {
            let (message, _) = said(&mut side).await;
            if message.text == "the end" {
                return numbers;
            }
            if ids.insert(message.id) {
                numbers.push(message.text.parse::<usize>().unwrap());
            }
        }
    };
    let ((), numbers) = tokio::join!(saying, hearing);
    assert_eq!(numbers, (0..COUNT).collect::<Vec<_>>());
    let connections = world.count("connections").await;
    assert!(connections > 5, "only {connections} websockets");
    assert_eq!(side.states.borrow().connections, 1);
    end(side).await;
}

#[tokio::test]
async fn a_dead_websocket_is_noticed_by_its_silence() {
    let world = World::double().await;
    let mut settings = settings(&world);
    settings.silence = Duration::from_millis(300);
    let mut side = joined(settings, None).await;
    world.control("mute", &json!({})).await;
    let before = world.count("connections").await;
    while world.count("connections").await == before {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let hearing = async {
        loop {
            let (message, _) = said(&mut side).await;
            if message.text == "anybody?" {
                return;
            }
        }
    };
    world.say("anybody?").await;
    hearing.await;
    end(side).await;
}
