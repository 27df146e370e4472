//! Between the relay and the IRC server: hands on what each says, and keeps what the server told the relay, in case the relay is wrong
//! about it. It must never hand on what it has not kept.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use towpath_tests::support::irc::Said;

use super::IRC_ROOM;
use super::journal::Journal;

/// A tap at work.
pub(super) struct Tap {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    server: u16,
    journal: Journal,
    told: Mutex<Vec<Said>>,
    is_in: AtomicBool,
    is_over: AtomicBool,
}

impl Tap {
    /// Listens, and leads to the server of this port.
    pub(super) fn start(server: u16, journal: Journal) -> Self {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            server,
            journal,
            told: Mutex::default(),
            is_in: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        });
        let accepts = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepts));
        Self { port, shared }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What the server told the relay of the room, live or from its history.
    pub(super) fn told(&self) -> Vec<Said> {
        held(&self.shared.told).clone()
    }

    /// Whether the relay is in the room since it was last [`Self::gone`].
    pub(super) fn is_in(&self) -> bool {
        self.shared.is_in.load(Ordering::SeqCst)
    }

    /// The relay or the server was just killed.
    pub(super) fn gone(&self) {
        self.shared.is_in.store(false, Ordering::SeqCst);
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Whoever accepts looks up once more.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for relay in listener.incoming() {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        let (Ok(relay), Ok(server)) = (
            relay,
            TcpStream::connect((Ipv4Addr::LOCALHOST, shared.server)),
        ) else {
            continue;
        };
        shared.journal.note("relay comes to IRC");
        // An end that is over already shows itself at the first reading.
        let _ = (relay.set_nodelay(true), server.set_nodelay(true));
        let (Ok(from_relay), Ok(to_server)) = (relay.try_clone(), server.try_clone()) else {
            continue;
        };
        let keeps = Arc::clone(shared);
        thread::spawn(move || {
            let _ = hand_on(&from_relay, &to_server, |_| {});
            let _ = to_server.shutdown(Shutdown::Both);
        });
        thread::spawn(move || {
            let mut lines = Vec::new();
            let _ = hand_on(&server, &relay, |bytes| {
                lines.extend_from_slice(bytes);
                keeps.keep(&mut lines);
            });
            let _ = relay.shutdown(Shutdown::Both);
        });
    }
}

/// Until one of both has ended.
fn hand_on(
    mut from: &TcpStream,
    mut to: &TcpStream,
    mut keep: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut piece = [0; 16 * 1024];
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(()),
            count => {
                keep(&piece[..count]);
                to.write_all(&piece[..count])?;
            }
        }
    }
}

impl Shared {
    /// Takes the whole ones of these lines.
    fn keep(&self, lines: &mut Vec<u8>) {
        while let Some(end) = lines.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = lines.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end();
            if line.contains(" 366 ") && line.contains(IRC_ROOM) {
                self.is_in.store(true, Ordering::SeqCst);
            }
            if let Some(said) = Said::read(line)
                && said.room == IRC_ROOM
            {
                self.journal.note(format_args!("relay told {said:?}"));
                held(&self.told).push(said);
            }
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
