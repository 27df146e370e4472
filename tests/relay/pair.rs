//! Two Kosmi servers with a relay between them: the near one is made to fail, the far one shows what comes of it.

use std::thread;
use std::time::Instant;

use crate::kosmi::{BEAT, Kosmi, PATIENCE, Server};
use crate::process::Relay;
use crate::settings;

/// Near, far, and the relay between.
pub(crate) struct Pair {
    pub(crate) near: Kosmi,
    pub(crate) far: Kosmi,
    pub(crate) relay: Relay,
}

/// The room at both ends.
pub(crate) const ROOM: &str = "@lounge";

impl Pair {
    /// Two of the lab's, with these waits at the near side.
    pub(crate) fn start(times: &str) -> Self {
        Self::between(Kosmi::start(Server::Lab), times)
    }

    /// The near one given.
    pub(crate) fn between(near: Kosmi, times: &str) -> Self {
        let far = Kosmi::start(Server::Lab);
        let relay = Relay::ready(&settings_of(&near, &far, times));
        Self { near, far, relay }
    }

    /// Has a person say something at the near end, and waits until it stands at the far one.
    pub(crate) fn passes_on(&self, text: &str) {
        self.near.say(ROOM, "Ann", text);
        self.far.hears(ROOM, text);
    }

    /// The other way round.
    pub(crate) fn brings(&self, text: &str) {
        self.far.say(ROOM, "Ben", text);
        self.near.hears(ROOM, text);
    }
}

/// The whole configuration of a pair.
pub(crate) fn settings_of(near: &Kosmi, far: &Kosmi, times: &str) -> String {
    settings::kosmi("near", near, times, "")
        + &settings::kosmi("far", far, "", "")
        + &settings::link("lounge", &[("kosmi.near", ROOM), ("kosmi.far", ROOM)])
}

/// Waits until clients said so many things in the room, and then holds that these are they, in this order, each once.
pub(crate) fn assert_told(at: &Kosmi, expected: &[String]) {
    let began = Instant::now();
    while at.told(ROOM).len() < expected.len() && began.elapsed() < PATIENCE {
        thread::sleep(BEAT);
    }
    let told = at.told(ROOM);
    let fits = |(told, expected): (&String, &String)| told.ends_with(expected.as_str());
    let right = told
        .iter()
        .zip(expected)
        .take_while(|two| fits(*two))
        .count();
    assert!(
        right == expected.len() && right == told.len(),
        "{right} are right of {} expected and {} told; then expected {:?}, told {:?}",
        expected.len(),
        told.len(),
        &expected[right..],
        &told[right..]
    );
}
