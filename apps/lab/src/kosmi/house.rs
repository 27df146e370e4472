//! What all connections share: the archive, who listens, what is counted, and what goes wrong on purpose.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::error::LabError;
use crate::graphql::Dialect;

use super::KosmiOptions;
use super::archive::{Archive, Said};
use super::person::{self, Person, uuid};
use super::troubles::Troubles;

/// What connections are told of.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    /// For the subscriptions to this root field in this room.
    Told {
        field: &'static str,
        room: String,
        answer: Value,
    },
    /// Every connection in this room is to hear that it was removed, and is in it no longer.
    Removed { room: String },
    /// Every connection ends without a word.
    Dropped,
    /// Every connection ends with this code and reason.
    Closed { code: u16, reason: String },
    /// Every connection there is now takes everything and answers nothing.
    Muted,
}

/// What was counted since the start.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Counts {
    /// Accepted handshakes.
    pub(super) connections: u64,
    /// Those still open.
    pub(super) open: u64,
    pub(super) logins: u64,
    /// Connections closed for their silence.
    pub(super) silenced: u64,
    /// Operations by root field.
    pub(super) operations: BTreeMap<String, u64>,
    /// The last `connection_init`, without its token.
    pub(super) last_init: Value,
}

#[derive(Debug)]
pub(super) struct House {
    pub(super) dialect: Dialect,
    pub(super) silence: Duration,
    pub(super) ping_every: Duration,
    rooms: Mutex<Archive>,
    troubles: Mutex<Troubles>,
    counts: Mutex<Counts>,
    /// Tokens made up to then, in milliseconds since 1970, are good no more.
    revoked_unix_ms: Mutex<u64>,
    happenings: broadcast::Sender<Happening>,
}

impl House {
    pub(super) fn open(options: &KosmiOptions, dialect: Dialect) -> Result<Self, LabError> {
        let failed = |source| LabError::Archive {
            path: options.archive.clone().unwrap_or_default(),
            source,
        };
        Ok(Self {
            dialect,
            silence: options.silence,
            ping_every: options.ping_every,
            rooms: Mutex::new(Archive::open(options.archive.as_deref()).map_err(failed)?),
            troubles: Mutex::default(),
            counts: Mutex::default(),
            revoked_unix_ms: Mutex::default(),
            happenings: broadcast::Sender::new(HAPPENINGS_MAX),
        })
    }

    /// To hear what happens from now on.
    pub(super) fn listen(&self) -> broadcast::Receiver<Happening> {
        self.happenings.subscribe()
    }

    /// Tells all connections. Without any, nobody is there to hear it.
    pub(super) fn tell(&self, happening: Happening) {
        let _ = self.happenings.send(happening);
    }

    pub(super) fn rooms(&self) -> MutexGuard<'_, Archive> {
        held(&self.rooms)
    }

    pub(super) fn troubles(&self) -> MutexGuard<'_, Troubles> {
        held(&self.troubles)
    }

    pub(super) fn counts(&self) -> MutexGuard<'_, Counts> {
        held(&self.counts)
    }

    /// Keeps what is said, and tells it. Both in one, so that all hear it in the archive's order.
    pub(super) fn say(&self, said: Said) -> io::Result<Said> {
        let mut rooms = self.rooms();
        let said = rooms.say(said)?;
        self.tell_message("newMessage", &said);
        Ok(said)
    }

    pub(super) fn edit(&self, id: &str, body: &str) -> io::Result<Option<Said>> {
        let mut rooms = self.rooms();
        let edited = rooms.edit(id, body, seconds())?;
        if let Some(said) = &edited {
            self.tell_message("messageEdited", said);
        }
        Ok(edited)
    }

    pub(super) fn delete(&self, id: &str) -> io::Result<Option<Said>> {
        let mut rooms = self.rooms();
        let deleted = rooms.delete(id)?;
        if let Some(said) = &deleted {
            self.tell_message("messageDeleted", said);
        }
        Ok(deleted)
    }

    /// Tells that somebody came into a room or left it.
    pub(super) fn tell_member(&self, field: &'static str, room: &str, person: &Person) {
        self.tell(Happening::Told {
            field,
            room: room.to_owned(),
            answer: person.member(room),
        });
    }

    fn tell_message(&self, field: &'static str, said: &Said) {
        self.tell(Happening::Told {
            field,
            room: said.room.clone(),
            answer: said.message(),
        });
    }

    /// A person without an account, with a token.
    pub(super) fn log_in(&self) -> (Person, String) {
        let mut counts = self.counts();
        counts.logins += 1;
        let seed = format!("{} {}", counts.logins, milliseconds());
        drop(counts);
        let person = Person::anonymous(&uuid(seed.as_bytes()));
        let token = self.issue(&person, None);
        (person, token)
    }

    /// A token for somebody, good for so many seconds, or for as long as is set.
    pub(super) fn issue(&self, person: &Person, life: Option<u64>) -> String {
        let life = life.or(self.troubles().token_seconds);
        let life = life.map_or(TOKEN_LIFE, Duration::from_secs);
        person::issue(person, SystemTime::now(), life)
    }

    /// Whom a token stands for. `None` where it is none of ours, expired or revoked.
    pub(super) fn whose(&self, token: &str) -> Option<Person> {
        let holder = person::holder(token, SystemTime::now())?;
        let is_good = holder.made_unix_ms > *held(&self.revoked_unix_ms);
        is_good.then_some(holder.person)
    }

    /// No token that was given so far opens anything.
    pub(super) fn revoke(&self) {
        *held(&self.revoked_unix_ms) = milliseconds();
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether there is such a room: vanity rooms begin with `@`, the others are a short code. `@nowhere` is known to be missing.
pub(super) fn is_room(id: &str) -> bool {
    match id.strip_prefix('@') {
        Some(name) => !name.is_empty() && name != "nowhere",
        None => {
            id.len() == 6
                && id.bytes().any(|byte| byte.is_ascii_digit())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        }
    }
}

/// Seconds since 1970.
pub(super) fn seconds() -> u64 {
    milliseconds() / 1000
}

fn milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// What a slow connection may be behind before it is dropped.
const HAPPENINGS_MAX: usize = 4096;
/// What the notes saw, 52 weeks.
const TOKEN_LIFE: Duration = Duration::from_hours(8736);
