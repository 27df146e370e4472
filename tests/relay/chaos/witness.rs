//! The witness on IRC: has heard everything that was ever said in the room, over all lives of the server.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use towpath_tests::support::irc::{Person, Said};

use super::IRC_ROOM;

/// A witness at work. What it heard once it keeps.
pub(super) struct Witness {
    heard: Arc<Mutex<Vec<Said>>>,
    is_there: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Witness {
    /// Comes onto the server of this port, again and again.
    pub(super) fn start(port: u16) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let is_there = Arc::new(AtomicBool::new(false));
        let (keeps, comes) = (Arc::clone(&heard), Arc::clone(&is_there));
        let ends = Arc::clone(&is_over);
        let thread = thread::spawn(move || watch(port, &keeps, &comes, &ends));
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

    /// What this nick said, or all but it.
    pub(super) fn heard(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = heard.iter().filter(|said| wanted(&said.nick));
        fits.map(|said| said.text.clone()).collect()
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

fn watch(port: u16, heard: &Mutex<Vec<Said>>, is_there: &AtomicBool, is_over: &AtomicBool) {
    // By the server's identities: what it tells of the time before was heard already, or is new.
    let mut known = BTreeSet::new();
    while !is_over.load(Ordering::SeqCst) {
        let Ok(person) = Person::try_join(port, "witness", &[IRC_ROOM]) else {
            thread::sleep(BEAT);
            continue;
        };
        is_there.store(true, Ordering::SeqCst);
        let mut taken = 0;
        loop {
            // Whether it is over is asked first, so that nothing that came before the end is left.
            let ends = person.is_over() || is_over.load(Ordering::SeqCst);
            let said = person.all_said(IRC_ROOM);
            for said in said.iter().skip(taken) {
                if known.insert(said.id.clone().expect("the server gives identities")) {
                    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                    heard.push(said.clone());
                }
            }
            taken = said.len();
            if ends {
                is_there.store(false, Ordering::SeqCst);
                break;
            }
            thread::sleep(BEAT);
        }
    }
}

/// A server takes a second alone to welcome somebody.
const PATIENCE: Duration = Duration::from_secs(15);
const BEAT: Duration = Duration::from_millis(10);
