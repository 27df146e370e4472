//! The operations under way, each with its deadline. It must never write a message.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// A query, mutation or subscription as it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Which operation of the document is meant; the name in its text.
    pub name: Option<String>,
    /// The document.
    pub query: String,
    /// The values of its variables, by name.
    pub variables: Map<String, Value>,
}

/// Names an operation within its session; no two have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub(crate) u64);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One operation under way.
#[derive(Debug)]
pub(crate) struct Running {
    /// How long a result may take from when it is sent.
    pub(crate) timeout_ms: Option<u64>,
    /// When that time is over; none before it is sent.
    pub(crate) deadline: Option<i64>,
    /// Whether a result has come.
    pub(crate) answered: bool,
}

/// The id under which one server library reports that it could not read a message, whichever it was; no operation has it.
const UNREADABLE_ID: u64 = 4400;

/// All operations under way.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    running: BTreeMap<OperationId, Running>,
    last: u64,
}

impl Operations {
    pub(crate) fn len(&self) -> usize {
        self.running.len()
    }

    /// Takes the next id; the operation runs from now on.
    pub(crate) fn add(&mut self, timeout_ms: Option<u64>) -> OperationId {
        self.last += 1;
        if self.last == UNREADABLE_ID {
            self.last += 1;
        }
        let id = OperationId(self.last);
        let running = Running {
            timeout_ms,
            deadline: None,
            answered: false,
        };
        self.running.insert(id, running);
        id
    }

    /// The time of an operation starts when it is sent.
    pub(crate) fn sent(&mut self, id: OperationId, now: i64) {
        if let Some(running) = self.running.get_mut(&id) {
            running.deadline = running.timeout_ms.map(|ms| later(now, ms));
        }
    }

    pub(crate) fn get_mut(&mut self, id: OperationId) -> Option<&mut Running> {
        self.running.get_mut(&id)
    }

    pub(crate) fn remove(&mut self, id: OperationId) -> Option<Running> {
        self.running.remove(&id)
    }

    /// Whether an operation ever had this id.
    pub(crate) fn was_started(&self, id: OperationId) -> bool {
        (1..=self.last).contains(&id.0) && id.0 != UNREADABLE_ID
    }

    pub(crate) fn clear(&mut self) {
        self.running.clear();
    }

    pub(crate) fn next_deadline(&self) -> Option<i64> {
        self.running.values().filter_map(|r| r.deadline).min()
    }

    /// Takes out the operations whose time is over, with whether a result had come.
    pub(crate) fn overdue(&mut self, now: i64) -> Vec<(OperationId, bool)> {
        self.running
            .extract_if(.., |_, running| {
                running.deadline.is_some_and(|at| at <= now)
            })
            .map(|(id, running)| (id, running.answered))
            .collect()
    }
}

/// A moment so many milliseconds after another.
pub(crate) fn later(now: i64, ms: u64) -> i64 {
    now.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX))
}
