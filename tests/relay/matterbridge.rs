//! The side for Matterbridge: one contract for the stand-in and for the real program, and what only the stand-in can be made to do.

mod contract;
mod gaps;
mod troubles;
mod world;

use std::time::Duration;

use tokio::time::timeout;
use towpath_chat::{Author, Kind, Message, Outgoing};
use towpath_sides::matterbridge::{Settings, start};
use towpath_sides::{Event, Join, Mark, Sending, Side, State, States};

use world::World;

/// The gateway of all tests.
const ROOM: &str = "lounge";

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Settings that try again soon.
fn settings(world: &World) -> Settings {
    let mut settings = Settings::new("matterbridge.home", world.url());
    settings.token = world.token();
    settings.backoff_first = Duration::from_millis(50);
    settings.backoff_max = Duration::from_millis(200);
    settings
}

/// A side in the room, and ready.
async fn joined(settings: Settings, since: Option<Mark>) -> Side {
    let mut side = start(settings);
    let room = ROOM.to_owned();
    side.sender.join(Join { room, since }).await;
    until(&mut side, room_is_ready).await;
    side
}

fn room_is_ready(states: &States) -> bool {
    states.rooms.get(ROOM).is_some_and(State::is_ready)
}

async fn until(side: &mut Side, holds: impl Fn(&States) -> bool) {
    let reached = timeout(PATIENCE, side.states.wait_for(|states| holds(states))).await;
    let reached = reached.map(|states| states.is_ok());
    assert!(matches!(reached, Ok(true)), "{:?}", side.states.borrow());
}

/// The next message, and whether it comes from a history. That there may be others missing is no message.
async fn said(side: &mut Side) -> (Message, bool) {
    loop {
        match timeout(PATIENCE, side.events.recv()).await {
            Ok(Some(Event::Said { message, replayed })) => return (*message, replayed),
            Ok(Some(Event::Missed { .. })) => {}
            other => panic!("{other:?}, {:?}", side.states.borrow()),
        }
    }
}

fn piece(name: &str, text: &str, kind: Kind) -> Sending {
    let author = Author {
        name: name.to_owned(),
        ..Author::default()
    };
    let outgoing = Outgoing {
        kind,
        author,
        ..Outgoing::text(text)
    };
    Sending::new(text, ROOM, outgoing)
}

async fn end(side: Side) {
    side.sender.end().await;
    timeout(PATIENCE, side.task).await.unwrap().unwrap();
}
