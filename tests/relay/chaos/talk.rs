//! The talkers: each says its numbered messages at one end, as fast as its pace, and nothing twice.
//!
//! A talker holds its server's gate while it speaks, so that a kill never falls into a sentence and there is no doubt about what was
//! said. What the relay is doing at that moment is not spared.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use towpath_tests::support::irc::Person;
use towpath_tests::support::request;

use super::count::text;
use super::witness::Witness;
use super::{GATEWAY, IRC_ROOM, KOSMI_ROOM, TALKER};

/// Held by whoever speaks at a server, or kills it. It counts the kills.
pub(super) type Gate = Arc<Mutex<usize>>;

/// A pace at which so many messages are said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speech {
    pub(super) count: usize,
    pub(super) pause: Duration,
}

impl Speech {
    fn hold(self, gate: &Gate, mut say: impl FnMut(usize, usize)) {
        for number in 0..self.count {
            {
                let kills = gate.lock().unwrap_or_else(PoisonError::into_inner);
                say(number, *kills);
            }
            thread::sleep(self.pause);
        }
    }

    /// In the Kosmi room.
    pub(super) fn at_kosmi(self, port: u16, gate: &Gate) {
        self.by_control(port, gate, KOSMI_ROOM, 'k');
    }

    /// On one of the networks behind Matterbridge.
    pub(super) fn at_matterbridge(self, port: u16, gate: &Gate) {
        self.by_control(port, gate, GATEWAY, 'm');
    }

    fn by_control(self, port: u16, gate: &Gate, room: &str, source: char) {
        self.hold(gate, |number, _| {
            let body = json!({ "room": room, "name": "Kim", "text": text(source, number) });
            let (status, answer) =
                request::post(port, "/control/say", &body).expect("nobody kills it now");
            assert_eq!(status, 200, "{answer}");
        });
    }

    /// On IRC, where a message counts as said once the witness heard it.
    pub(super) fn on_irc(self, port: u16, gate: &Gate, witness: &Witness) {
        let mut person: Option<(usize, Person)> = None;
        self.hold(gate, |number, kills| {
            // One that was killed with its server need not know it yet.
            if person.as_ref().is_none_or(|(life, _)| *life != kills) {
                person = Some((kills, Person::join(port, TALKER, &[IRC_ROOM])));
            }
            let (_, talker) = person.as_ref().expect("it was just made");
            let text = text('i', number);
            talker.say(IRC_ROOM, &text);
            let began = Instant::now();
            while witness.last_of(TALKER).as_ref() != Some(&text) {
                assert!(
                    began.elapsed() < PATIENCE,
                    "the witness did not hear {text}"
                );
                thread::sleep(BEAT);
            }
        });
    }
}

const PATIENCE: Duration = Duration::from_secs(15);
const BEAT: Duration = Duration::from_millis(2);
