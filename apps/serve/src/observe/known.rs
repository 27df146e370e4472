//! Which log belongs to a code, to an attempt id, or to a session that is over.
//!
//! It must never look into a log. Whatever it keeps is bounded by count and time.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use towpath_session::body::Secret;

use super::id::Id;
use super::log::Log;

/// All logs.
#[derive(Debug, Default)]
pub(super) struct Known {
    codes: HashMap<Id, Arc<Log>>,
    attempts: HashMap<Id, Arc<Log>>,
    /// Logs that no session has claimed, the oldest first.
    waiting: VecDeque<Arc<Log>>,
    /// Logs of check runs, which end by time alone. Their number is bounded where runs are begun.
    runs: Vec<Arc<Log>>,
    /// Logs of sessions that are over, the oldest first, with their end and their proofs.
    over: VecDeque<Over>,
    proofs: HashMap<Secret, Id>,
}

#[derive(Debug)]
struct Over {
    until_unix_ms: u64,
    log: Arc<Log>,
    proofs: Vec<Secret>,
}

impl Known {
    /// The log of a code.
    pub(super) fn code(&self, code: &str) -> Option<Arc<Log>> {
        self.codes.get(&Id::new(code)?).cloned()
    }

    /// The log of an attempt id.
    pub(super) fn attempt(&self, attempt: Id) -> Option<Arc<Log>> {
        self.attempts.get(&attempt).cloned()
    }

    /// The code of the session that is over and had this proof.
    pub(super) fn proved(&self, proof: &Secret) -> Option<Id> {
        self.proofs.get(proof).copied()
    }

    /// A new log. It waits for a session until it expires.
    pub(super) fn wait(&mut self, log: &Arc<Log>, attempt: Option<Id>, now: u64) {
        if self.waiting.len() >= WAITING_MAX
            && let Some(oldest) = self.waiting.pop_front()
        {
            let claimed = oldest.inner().claimed;
            if !claimed {
                self.forget(&oldest);
            }
        }
        self.enter(log, attempt);
        log.inner().expires_unix_ms = now + WAITING_MS;
        self.waiting.push_back(Arc::clone(log));
    }

    /// A new log of a check run, until then.
    pub(super) fn run(&mut self, log: &Arc<Log>, attempt: Id, until: u64) {
        self.enter(log, Some(attempt));
        log.inner().expires_unix_ms = until;
        self.runs.push(Arc::clone(log));
    }

    /// A log of a session.
    pub(super) fn enter(&mut self, log: &Arc<Log>, attempt: Option<Id>) {
        self.codes.insert(log.code, Arc::clone(log));
        if let Some(attempt) = attempt {
            self.name(log, attempt);
        }
    }

    /// More of a log may come under this id from now on, and under no other.
    pub(super) fn name(&mut self, log: &Arc<Log>, attempt: Id) {
        let before = log.inner().attempt.replace(attempt);
        if let Some(before) = before.filter(|before| *before != attempt) {
            self.unname(before, log);
        }
        self.attempts.insert(attempt, Arc::clone(log));
    }

    /// A session is over. It stays for those who report late.
    pub(super) fn over(&mut self, log: &Arc<Log>, proofs: Vec<Secret>, now: u64) {
        for proof in &proofs {
            self.proofs.insert(*proof, log.code);
        }
        self.over.push_back(Over {
            until_unix_ms: now + OVER_MS,
            log: Arc::clone(log),
            proofs,
        });
        if self.over.len() > OVER_MAX {
            self.drop_oldest();
        }
    }

    /// Forgets what has waited or been over for long enough.
    pub(super) fn prune(&mut self, now: u64) {
        for log in std::mem::take(&mut self.waiting) {
            let (claimed, expires) = {
                let inner = log.inner();
                (inner.claimed, inner.expires_unix_ms)
            };
            if claimed {
                continue;
            }
            if expires > now {
                self.waiting.push_back(log);
            } else {
                self.forget(&log);
            }
        }
        let (runs, gone) = std::mem::take(&mut self.runs)
            .into_iter()
            .partition(|log: &Arc<Log>| log.inner().expires_unix_ms > now);
        self.runs = runs;
        for log in gone {
            self.forget(&log);
        }
        while self
            .over
            .front()
            .is_some_and(|one| one.until_unix_ms <= now)
        {
            self.drop_oldest();
        }
        for table in [&mut self.codes, &mut self.attempts] {
            if table.capacity() > SPARE_ENTRIES && table.len() * 4 < table.capacity() {
                table.shrink_to_fit();
            }
        }
    }

    /// A session took what another log has seen; only the other's code is forgotten.
    pub(super) fn taken_over(&mut self, log: &Log) {
        self.codes.remove(&log.code);
    }

    fn drop_oldest(&mut self) {
        let Some(oldest) = self.over.pop_front() else {
            return;
        };
        for proof in &oldest.proofs {
            self.proofs.remove(proof);
        }
        self.forget(&oldest.log);
    }

    fn forget(&mut self, log: &Arc<Log>) {
        self.codes.remove(&log.code);
        let attempt = log.inner().attempt;
        if let Some(attempt) = attempt {
            self.unname(attempt, log);
        }
    }

    fn unname(&mut self, attempt: Id, log: &Arc<Log>) {
        if self
            .attempts
            .get(&attempt)
            .is_some_and(|held| Arc::ptr_eq(held, log))
        {
            self.attempts.remove(&attempt);
        }
    }
}

/// Logs that wait for a session at a time.
const WAITING_MAX: usize = 4096;

/// How long they wait after the last that was added.
pub(super) const WAITING_MS: u64 = 60_000;

/// Logs of sessions that are over.
const OVER_MAX: usize = 4096;

/// How long a page may report after its session is over.
const OVER_MS: u64 = 10 * 60_000;

/// Room for this many is kept.
const SPARE_ENTRIES: usize = 1024;
