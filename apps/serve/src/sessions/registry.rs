//! Which session a secret belongs to, and how many sessions there are.
//!
//! A session is known by its proofs and by the keys of its HTTP attachments. It must never be looked up by
//! anything that stands in a URL or a log.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use towpath_session::attach::{Acceptance, Change};
use towpath_session::body::Secret;

use super::session::Session;
use crate::limits::Limit;

/// All sessions of a gateway.
#[derive(Debug, Default)]
pub(super) struct Registry {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    known: HashMap<Secret, Arc<Session>>,
    /// Nonces of sessions that are over, oldest first, with the time until which they are remembered.
    over: VecDeque<(u64, Secret)>,
    over_nonces: HashSet<Secret>,
    sessions: usize,
    addresses: HashMap<IpAddr, usize>,
}

/// What a nonce led to.
#[derive(Debug)]
pub(super) enum Entered {
    /// The session was there.
    Found(Arc<Session>),
    /// It is new.
    New(Arc<Session>),
    /// There are too many already.
    Full(Limit),
    /// It opened a session once that is over.
    Over,
}

/// How many sessions there may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capacity {
    /// In all.
    pub(super) sessions: usize,
    /// Of one address.
    pub(super) per_address: usize,
}

impl Registry {
    /// The session that a secret belongs to.
    pub(super) fn find(&self, secret: &Secret) -> Option<Arc<Session>> {
        self.inner().known.get(secret).cloned()
    }

    /// The session of a nonce, made if it is new. The same nonce never makes two, not even when the first is over.
    pub(super) fn enter(
        &self,
        nonce: Secret,
        address: IpAddr,
        capacity: Capacity,
        make: impl FnOnce() -> Arc<Session>,
    ) -> Entered {
        let mut inner = self.inner();
        if let Some(session) = inner.known.get(&nonce) {
            return Entered::Found(Arc::clone(session));
        }
        if inner.over_nonces.contains(&nonce) {
            return Entered::Over;
        }
        if inner.sessions >= capacity.sessions {
            return Entered::Full(Limit::Sessions);
        }
        let of_address = inner.addresses.get(&address).copied().unwrap_or(0);
        if of_address >= capacity.per_address {
            return Entered::Full(Limit::SessionsPerAddress);
        }
        let session = make();
        inner.sessions += 1;
        *inner.addresses.entry(address).or_default() += 1;
        inner.known.insert(nonce, Arc::clone(&session));
        Entered::New(session)
    }

    /// Takes over what changed in the secrets of a session.
    pub(super) fn change(&self, session: &Arc<Session>, changes: impl Iterator<Item = Change>) {
        let mut inner = self.inner();
        for change in changes {
            match change {
                Change::Add(secret) => {
                    inner.known.insert(secret, Arc::clone(session));
                }
                Change::Remove(secret) => {
                    inner.known.remove(&secret);
                }
            }
        }
    }

    /// A session is over: its secrets stand for nothing, its place is free. Its nonce is remembered until
    /// `remember_until`.
    pub(super) fn leave(&self, session: &Session, acceptance: &Acceptance, now: u64, until: u64) {
        let mut inner = self.inner();
        for secret in acceptance.secrets() {
            inner.known.remove(&secret);
        }
        inner.sessions -= 1;
        if let Some(count) = inner.addresses.get_mut(&session.address) {
            *count -= 1;
            if *count == 0 {
                inner.addresses.remove(&session.address);
            }
        }
        let nonce = acceptance.nonce();
        inner.over.push_back((until, nonce));
        inner.over_nonces.insert(nonce);
        while let Some(&(at, nonce)) = inner.over.front() {
            if at > now && inner.over.len() <= OVER_NONCES_MAX {
                break;
            }
            inner.over.pop_front();
            inner.over_nonces.remove(&nonce);
        }
        inner.give_back();
    }

    /// Every session once.
    pub(super) fn all(&self) -> Vec<Arc<Session>> {
        let inner = self.inner();
        let mut all: Vec<_> = inner.known.values().cloned().collect();
        all.sort_unstable_by_key(Arc::as_ptr);
        all.dedup_by(|one, other| Arc::ptr_eq(one, other));
        all
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .expect("no one panics while holding the registry")
    }
}

impl Inner {
    /// Tables grow with a crowd and would stay that large when it is gone.
    fn give_back(&mut self) {
        if self.known.capacity() > SPARE_ENTRIES && self.known.len() * 4 < self.known.capacity() {
            self.known.shrink_to_fit();
            self.addresses.shrink_to_fit();
        }
        if self.over.capacity() > SPARE_ENTRIES && self.over.len() * 4 < self.over.capacity() {
            self.over.shrink_to_fit();
            self.over_nonces.shrink_to_fit();
        }
    }
}

/// Room for this many secrets is kept.
const SPARE_ENTRIES: usize = 1024;

/// Nonces of sessions that are over. Beyond it the oldest are forgotten before their time.
const OVER_NONCES_MAX: usize = 65_536;
