//! What others ask the observer: what is known under a code or an id, and how a network fared.
//!
//! It must never give what came from one client to somebody who cannot name its code, its proof or its id.

use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::time::Instant;
use towpath_diagnosis::Observation;
use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::{Fact, History, ObservationId};
use towpath_session::body::Secret;

use super::log::Log;
use super::past::Scope;
use super::{Observer, Seen, is_odd, named};
use crate::client::Client;

impl Observer {
    /// When the gateway started, by the clock that everything here is told by.
    pub(crate) fn start(&self) -> Instant {
        self.start
    }

    /// Now and the gateway's start.
    pub(super) fn times(&self) -> (u64, u64) {
        (self.now(), self.start_unix_ms)
    }

    /// Whether the page of a session is asked to report. One session always gets the same answer.
    pub(crate) fn asks(&self, log: &Log) -> bool {
        let chance = self.salt.hash_one(log.code) >> 32;
        let chance = f64::from(u32::try_from(chance).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
        self.asks && chance <= self.sample
    }

    /// The code of a session that is over, by one of its proofs.
    pub(crate) fn proved(&self, proof: &Secret) -> Option<Box<str>> {
        self.known().proved(proof).map(|code| code.as_str().into())
    }

    /// What is known under a session's code: it lives, or ended a short while ago.
    pub(crate) fn session(&self, code: &str) -> Option<Seen> {
        let log = self.known().code(code)?;
        Some(log.seen(self.times()))
    }

    /// What came under an attempt id and is nobody's yet, if it came from the same network.
    pub(crate) fn waiting(&self, attempt: &str, client: &Client) -> Option<Seen> {
        let log = self.known().attempt(named(attempt)?)?;
        let is_free = !log.inner().claimed && log.network == client.network();
        is_free.then(|| log.seen(self.times()))
    }

    /// Somebody of whom nothing else is known, under a new code.
    pub(crate) fn stranger(&self, client: &Client, path: &str) -> Seen {
        let now = self.now();
        self.new_log(client, path, now).seen(self.times())
    }

    /// How connections from the network of an address fared.
    pub(crate) fn history(&self, address: IpAddr) -> Option<History> {
        let network = Client::direct(address, false, "").network();
        self.past().history(Scope::Network(network), self.now())
    }

    /// How connections of all clients fared.
    pub(crate) fn history_of_all(&self) -> Option<History> {
        self.past().history(Scope::All, self.now())
    }

    /// Where a WebSocket came without its upgrade, how those of others came tells whose affair it is.
    pub(super) fn add_arrivals(&self, log: &Log, seen: &mut Seen) {
        let came_odd = |one: &Observation| match &one.fact {
            Fact::Arrival(arrival) => is_odd(arrival),
            _ => false,
        };
        if !seen.observations.iter().any(came_odd) {
            return;
        }
        let now = self.now();
        let scopes = [Scope::Network(log.network), Scope::All];
        let histories = scopes.map(|scope| self.past().history(scope, now));
        for history in histories.into_iter().flatten() {
            let history = History {
                ends: Vec::new(),
                ..history
            };
            seen.observations.push(Observation {
                id: ObservationId(0),
                at_ms: now.saturating_sub(seen.started_unix_ms),
                vantage: Vantage::Gateway,
                answers: None,
                fact: Fact::History(history),
            });
        }
    }

    /// A log that was told can be asked for, for a while.
    pub(super) fn remember(&self, log: &Arc<Log>) {
        let now = self.now();
        let mut known = self.known();
        if known.code(log.code()).is_none() {
            known.enter(log, None);
            known.over(log, Vec::new(), now);
        }
    }

    /// Forgets what is old.
    pub(super) fn prune(&self) {
        let now = self.now();
        self.known().prune(now);
    }
}
