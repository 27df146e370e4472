//! What all connections share: the gateways, the buffer that clients take from each other, and who listens.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use towpath_chat::matterbridge::{format_time, parse_time};

use crate::error::LabError;

use super::MatterbridgeOptions;
use super::archive::{Archive, Said};
use super::troubles::Troubles;

/// What websockets are told of.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    /// A message, for all but one of them.
    Told { object: String, except: Option<u64> },
    /// Every connection ends without a word.
    Dropped,
    /// Every connection ends with this code and reason.
    Closed { code: u16, reason: String },
    /// Every connection there is now stays open and says nothing more.
    Muted,
}

/// What was counted since the start.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Counts {
    /// Accepted websockets.
    pub(super) connections: u64,
    /// Those still open.
    pub(super) open: u64,
    /// Messages that were posted.
    pub(super) posts: u64,
    /// Those of them that named no gateway, or said nothing.
    pub(super) dropped: u64,
    /// Requests that took from the buffer.
    pub(super) taken: u64,
}

#[derive(Debug)]
pub(super) struct Hub {
    pub(super) options: MatterbridgeOptions,
    archive: Mutex<Archive>,
    buffer: Mutex<Buffer>,
    troubles: Mutex<Troubles>,
    counts: Mutex<Counts>,
    happenings: broadcast::Sender<Happening>,
}

#[derive(Debug)]
struct Buffer {
    kept: VecDeque<Value>,
    capacity: usize,
}

impl Buffer {
    fn keep(&mut self, object: &Value) {
        if self.kept.len() >= self.capacity {
            self.kept.pop_front();
        }
        self.kept.push_back(object.clone());
    }
}

impl Hub {
    pub(super) fn open(options: MatterbridgeOptions) -> Result<Self, LabError> {
        let failed = |source| LabError::Archive {
            path: options.archive.clone().unwrap_or_default(),
            source,
        };
        let archive = Archive::open(options.archive.as_deref()).map_err(failed)?;
        let mut buffer = Buffer {
            kept: VecDeque::new(),
            capacity: options.buffer,
        };
        if options.keeps_history {
            // The real one forgets; without this, no test could tell what a client loses from what such a kill loses.
            archive.handed_out().for_each(|object| buffer.keep(object));
        }
        Ok(Self {
            archive: Mutex::new(archive),
            buffer: Mutex::new(buffer),
            troubles: Mutex::default(),
            counts: Mutex::default(),
            happenings: broadcast::Sender::new(HAPPENINGS_MAX),
            options,
        })
    }

    /// Tells all websockets, and how many that are.
    pub(super) fn tell(&self, happening: Happening) -> usize {
        self.happenings.send(happening).unwrap_or_default()
    }

    pub(super) fn archive(&self) -> MutexGuard<'_, Archive> {
        held(&self.archive)
    }

    pub(super) fn troubles(&self) -> MutexGuard<'_, Troubles> {
        held(&self.troubles)
    }

    pub(super) fn counts(&self) -> MutexGuard<'_, Counts> {
        held(&self.counts)
    }

    pub(super) fn is_gateway(&self, name: &str) -> bool {
        match &self.options.gateways {
            Some(all) => all.iter().any(|gateway| gateway == name),
            None => !name.is_empty() && name != "nowhere",
        }
    }

    /// Something is said on another network of a gateway: it is kept, buffered and told to all websockets. All in one, so that every
    /// client hears it in the same order.
    pub(super) fn said_elsewhere(&self, object: &Value) -> io::Result<usize> {
        let mut archive = self.archive();
        // A deletion is never handed to the API.
        if object["event"] == "msg_delete" {
            return Ok(0);
        }
        archive.keep(Said {
            object: object.clone(),
            by_client: false,
        })?;
        held(&self.buffer).keep(object);
        Ok(self.tell(Happening::Told {
            object: object.to_string(),
            except: None,
        }))
    }

    /// A client says something: it goes to the gateway's other networks. False where it is dropped without a word.
    pub(super) fn said_by_client(&self, object: &Value) -> io::Result<bool> {
        let mut archive = self.archive();
        let has_files = object["Extra"]["file"]
            .as_array()
            .is_some_and(|files| !files.is_empty());
        let says_something = object["text"].as_str().is_some_and(|text| !text.is_empty());
        let gateway = object["gateway"].as_str().unwrap_or_default();
        let is_taken = self.is_gateway(gateway) && (says_something || has_files);
        let mut counts = self.counts();
        counts.posts += 1;
        if is_taken {
            archive.keep(Said {
                object: object.clone(),
                by_client: true,
            })?;
        } else {
            counts.dropped += 1;
        }
        Ok(is_taken)
    }

    /// All that the buffer holds. Whoever takes it leaves a buffer of the library's own size, unless it is a history.
    pub(super) fn take_all(&self) -> Vec<Value> {
        self.counts().taken += 1;
        let mut buffer = held(&self.buffer);
        if self.options.keeps_history {
            return buffer.kept.iter().cloned().collect();
        }
        buffer.capacity = BUFFER_DEFAULT;
        buffer.kept.drain(..).collect()
    }

    /// Begins to listen behind what was said after a time, all in one; without a history there is nothing before.
    pub(super) fn listen_since(
        &self,
        since_unix_ms: Option<i64>,
    ) -> (Vec<Value>, broadcast::Receiver<Happening>) {
        // Whoever says something holds the archive while it is kept and told.
        let _still = self.archive();
        let is_new = |object: &&Value| {
            let at = object["timestamp"].as_str().and_then(parse_time);
            since_unix_ms.is_none_or(|since| at.is_none_or(|at| at > since))
        };
        let history = if self.options.keeps_history {
            let buffer = held(&self.buffer);
            buffer.kept.iter().filter(is_new).cloned().collect()
        } else {
            Vec::new()
        };
        (history, self.happenings.subscribe())
    }

    /// The oldest that the buffer holds.
    pub(super) fn take_one(&self) -> Option<Value> {
        held(&self.buffer).kept.pop_front()
    }
}

/// The fields that the API sets itself, whatever the client says.
pub(super) fn of_client(mut object: Value) -> Value {
    object["channel"] = "api".into();
    object["protocol"] = "api".into();
    object["account"] = "api.stand-in".into();
    object["id"] = "".into();
    object["timestamp"] = now().into();
    object
}

/// The greeting of stream and websocket.
pub(super) fn greeting() -> Value {
    json!({
        "text": "", "channel": "", "username": "", "userid": "", "avatar": "", "account": "",
        "event": "api_connected", "protocol": "", "gateway": "", "parent_id": "",
        "timestamp": now(), "id": "", "Extra": null,
    })
}

/// Now, with the nine digits that Go writes.
pub(super) fn now() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let unix_ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    let text = format_time(unix_ms);
    let whole = text.trim_end_matches('Z');
    format!("{whole}{:06}Z", since.subsec_nanos() % 1_000_000)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Messages that the buffer's library holds where it is not told otherwise.
pub(super) const BUFFER_DEFAULT: usize = 10;
/// Messages that wait for a slow websocket before others are dropped.
const HAPPENINGS_MAX: usize = 256;
