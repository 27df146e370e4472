//! A side that a test speaks through, without the rest of the relay. It waits for what is to happen, never for a while.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::timeout;
use towpath_chat::{Message, Outgoing};
use towpath_sides::irc::{self, Server, Settings, Times};
use towpath_sides::{Event, Join, Mark, Outcome, Sending, Side, State, States};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running side.
pub(super) struct Talk {
    runtime: Runtime,
    side: Side,
}

/// Settings for a server of the tests: nothing is limited, and waits are short.
pub(super) fn settings(server: &str, tls: bool) -> Settings {
    let server = Server::parse(server, tls).expect("an address");
    let mut settings = Settings::new("irc.lab", server, "towpath");
    settings.flood_every = Duration::ZERO;
    settings.times = Times {
        rejoin: Duration::from_millis(100),
        regain: Duration::from_millis(200),
        backoff_first: Duration::from_millis(50),
        backoff_max: Duration::from_millis(200),
        ..Times::default()
    };
    settings
}

pub(super) fn plain(port: u16) -> Settings {
    settings(&format!("127.0.0.1:{port}"), false)
}

impl Talk {
    pub(super) fn start(settings: Settings) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let side = {
            let _inside = runtime.enter();
            irc::start(settings)
        };
        Self { runtime, side }
    }

    /// In a room, with nothing of before.
    pub(super) fn in_room(settings: Settings, room: &str) -> Self {
        let talk = Self::start(settings);
        talk.join(room, None);
        talk.until_ready(room);
        talk
    }

    pub(super) fn join(&self, room: &str, since: Option<Mark>) {
        let room = room.to_owned();
        self.runtime
            .block_on(self.side.sender.join(Join { room, since }));
    }

    pub(super) fn until_ready(&self, room: &str) {
        self.until(|states| states.rooms.get(room).is_some_and(State::is_ready));
    }

    /// Waits until the states are so, and gives them.
    pub(super) fn until(&self, is_so: impl Fn(&States) -> bool) -> States {
        let mut states = self.side.states.clone();
        let waiting = async {
            states
                .wait_for(|states| is_so(states))
                .await
                .expect("the side runs")
                .clone()
        };
        let found = self
            .runtime
            .block_on(async { timeout(PATIENCE, waiting).await });
        found.unwrap_or_else(|_| panic!("it did not come to that: {:?}", self.states()))
    }

    pub(super) fn states(&self) -> States {
        self.side.states.borrow().clone()
    }

    /// The next message that it tells, and whether it comes from the history.
    pub(super) fn said(&mut self) -> (Message, bool) {
        loop {
            if let Event::Said { message, replayed } = self.event() {
                return (*message, replayed);
            }
        }
    }

    pub(super) fn event(&mut self) -> Event {
        let next = self.side.events.recv();
        let event = self
            .runtime
            .block_on(async { timeout(PATIENCE, next).await });
        event.expect("something is told").expect("the side runs")
    }

    pub(super) fn says(&self, room: &str, text: &str) -> Outcome {
        self.send(sending(room, text))
    }

    pub(super) fn send(&self, sending: Sending) -> Outcome {
        let outcome = self.side.sender.send(sending);
        let outcome = self
            .runtime
            .block_on(async { timeout(PATIENCE, outcome).await });
        outcome.expect("an outcome")
    }

    /// Ends the side, and waits until it has.
    pub(super) fn end(self) {
        let Self { runtime, side } = self;
        runtime.block_on(async {
            side.sender.end().await;
            timeout(PATIENCE, side.task)
                .await
                .expect("it ends")
                .expect("without a panic");
        });
    }
}

pub(super) fn sending(room: &str, text: &str) -> Sending {
    Sending::new(text, room, Outgoing::text(text))
}
