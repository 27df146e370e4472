//! The three servers and the relay, each of which can be killed and started again.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use towpath_tests::boxes::{Running, inspircd};
use towpath_tests::support::{Folder, port};

use crate::kosmi::Kosmi;
use crate::matter;
use crate::process::Relay;
use crate::settings;

use super::journal::Journal;
use super::talk::Gate;
use super::tap::Tap;
use super::witness::Witness;
use super::{GATEWAY, IRC_ROOM, KOSMI_ROOM};

/// What can be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Victim {
    Relay,
    Kosmi,
    Irc,
    Matterbridge,
}

impl Victim {
    pub(super) const ALL: [Self; 4] = [Self::Relay, Self::Kosmi, Self::Irc, Self::Matterbridge];
}

impl fmt::Display for Victim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relay => "relay",
            Self::Kosmi => "Kosmi",
            Self::Irc => "IRC",
            Self::Matterbridge => "Matterbridge",
        })
    }
}

/// All of it. It belongs to the test's own thread: the system ends programs with the thread that started them.
pub(super) struct World {
    pub(super) relay: Relay,
    pub(super) kosmi: Kosmi,
    irc: Running,
    pub(super) matterbridge: Running,
    /// What the relay takes for the IRC server.
    pub(super) tap: Tap,
    pub(super) witness: Arc<Witness>,
    pub(super) gates: Gates,
    archives: Folder,
    pub(super) journal: Journal,
}

/// The gates of the servers.
#[derive(Clone, Default)]
pub(super) struct Gates {
    pub(super) kosmi: Gate,
    pub(super) irc: Gate,
    pub(super) matterbridge: Gate,
}

impl World {
    pub(super) fn start() -> Self {
        let archives = Folder::new();
        let kosmi = Kosmi::kept(port::free(), &archives.path().join("kosmi"));
        let irc = inspircd::start();
        let matterbridge = matter::start(port::free(), Some(&archives.path().join("matterbridge")));
        let journal = Journal::new();
        let tap = Tap::start(irc.port, journal.clone());
        let settings = settings::kosmi("main", &kosmi, "", "")
            + &settings::irc("lab", tap.port(), "")
            + &settings::matterbridge("home", matterbridge.port, "")
            + &settings::link(
                "lounge",
                &[
                    ("kosmi.main", KOSMI_ROOM),
                    ("irc.lab", IRC_ROOM),
                    ("matterbridge.home", GATEWAY),
                ],
            );
        Self {
            relay: Relay::ready(&settings),
            kosmi,
            witness: Arc::new(Witness::start(irc.port, journal.clone())),
            irc,
            matterbridge,
            tap,
            gates: Gates::default(),
            archives,
            journal,
        }
    }

    pub(super) fn irc_port(&self) -> u16 {
        self.irc.port
    }

    /// Kills one, leaves it away for a while, and starts it again.
    pub(super) fn kill(&mut self, victim: Victim, away: Duration) {
        let gate = match victim {
            // Nobody speaks at the relay itself.
            Victim::Relay => Gate::default(),
            Victim::Kosmi => Arc::clone(&self.gates.kosmi),
            Victim::Irc => Arc::clone(&self.gates.irc),
            Victim::Matterbridge => Arc::clone(&self.gates.matterbridge),
        };
        let mut kills = gate.lock().unwrap_or_else(PoisonError::into_inner);
        *kills += 1;
        self.journal.note(format_args!("{victim} is killed"));
        match victim {
            Victim::Relay => {
                self.relay.kill();
                self.tap.gone();
                thread::sleep(away);
                self.relay.go();
            }
            Victim::Kosmi => {
                self.kosmi.kill();
                thread::sleep(away);
                let path = self.archives.path().join("kosmi");
                self.kosmi = Kosmi::kept(self.kosmi.port(), &path);
            }
            Victim::Irc => {
                self.irc.kill();
                self.tap.gone();
                self.witness.gone();
                thread::sleep(away);
                self.irc = inspircd::start_at(self.irc.port, "");
            }
            Victim::Matterbridge => {
                self.matterbridge.kill();
                thread::sleep(away);
                let path = self.archives.path().join("matterbridge");
                self.matterbridge = matter::start(self.matterbridge.port, Some(&path));
            }
        }
        self.journal.note(format_args!("{victim} runs again"));
    }

    /// Waits until the relay says that all is well again, and the witness is back: only one thing is ever broken at a time.
    pub(super) fn recovers(&self, victim: Victim) {
        let began = Instant::now();
        // The relay may not know yet that it lost what it was ready for.
        while !self.tap.is_in() || !self.relay.seems_ready() {
            assert!(
                began.elapsed() < PATIENCE,
                "not well after the kill of {victim}: {:#}\n{}",
                self.relay.status(),
                self.relay.output()
            );
            thread::sleep(Duration::from_millis(20));
        }
        // A server that is killed before forgets what it was told, and nobody heard it.
        self.witness.is_there();
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
