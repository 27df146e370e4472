//! The witness on IRC: has heard everything that was ever said in the room, over all lives of the server.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use towpath_tests::support::irc::{Person, Said};

use super::IRC_ROOM;
use super::journal::Journal;

/// A witness at work. What it heard once it keeps.
pub(super) struct Witness {
    heard: Arc<Mutex<Vec<Said>>>,
    is_there: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Witness {
    /// Comes onto the server of this port, again and again.
    pub(super) fn start(port: u16, journal: Journal) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let is_there = Arc::new(AtomicBool::new(false));
        let (keeps, comes) = (Arc::clone(&heard), Arc::clone(&is_there));
        let ends = Arc::clone(&is_over);
        let thread = thread::spawn(move || watch(port, &keeps, &comes, &ends, &journal));
        Self {
            heard,
            is_there,
            is_over,
            thread: Some(thread),
        }
    }

    /// Waits until it is in the room. A server that is killed before forgets what it was told, and nobody heard it.
    pub(super) fn is_there(&self) {
        let began = Instant::now();
        while !self.is_there.load(Ordering::SeqCst) {
            assert!(began.elapsed() < PATIENCE, "the witness does not come back");
            thread::sleep(BEAT);
        }
    }

    /// The server was just killed: whatever it was told from here on is told in another life of it.
    pub(super) fn gone(&self) {
        self.is_there.store(false, Ordering::SeqCst);
    }

    /// All that it heard, each once.
    pub(super) fn heard(&self) -> Vec<Said> {
        self.hold(<[Said]>::to_vec)
    }

    /// What this nick said last.
    pub(super) fn last_of(&self, nick: &str) -> Option<String> {
        let last = |heard: &[Said]| heard.iter().rfind(|said| said.nick == nick).cloned();
        self.hold(last).map(|said| said.text)
    }

    fn hold<T>(&self, of: impl FnOnce(&[Said]) -> T) -> T {
        of(&self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            // A panic of the witness shows in what it did not hear.
            let _ = thread.join();
        }
    }
}

fn watch(
    port: u16,
    heard: &Mutex<Vec<Said>>,
    is_there: &AtomicBool,
    is_over: &AtomicBool,
    journal: &Journal,
) {
    // By the server's identities: what it tells of the time before was heard already, or is new.
    let mut known = BTreeSet::new();
    while !is_over.load(Ordering::SeqCst) {
        let Ok(person) = Person::try_join(port, "witness", &[IRC_ROOM]) else {
            thread::sleep(BEAT);
            continue;
        };
        journal.note("witness is there");
        is_there.store(true, Ordering::SeqCst);
        let mut taken = 0;
        loop {
            // Whether it is over is asked first, so that nothing that came before the end is left.
            let ends = person.is_over() || is_over.load(Ordering::SeqCst);
            let said = person.all_said(IRC_ROOM);
            for said in said.iter().skip(taken) {
                if known.insert(said.id.clone().expect("the server gives identities")) {
                    journal.note(format_args!("witness heard {said:?}"));
                    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                    heard.push(said.clone());
                }
            }
            taken = said.len();
            if ends {
                break;
            }
            thread::sleep(BEAT);
        }
    }
}

/// A server takes a second alone to welcome somebody.
const PATIENCE: Duration = Duration::from_secs(15);
const BEAT: Duration = Duration::from_millis(10);
