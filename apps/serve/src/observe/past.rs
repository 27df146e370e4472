//! How connections of each client network arrived and ended, over many sessions.
//!
//! It counts and remembers, and must never say what a pattern means. Everything is bounded: networks, clients, ends and age.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use towpath_diagnosis::observation::{Attachment, History, PastArrival, PastEnd};

use super::log::written;

/// All networks, and all clients together.
#[derive(Debug, Default)]
pub(super) struct Past {
    networks: HashMap<IpAddr, Network>,
    all: Network,
    /// Ends that are remembered of all networks.
    ends: usize,
}

#[derive(Debug, Default)]
struct Network {
    /// When anything was last added.
    touched: u64,
    clients: HashMap<u64, Client>,
    ends: VecDeque<End>,
    /// When those who keep cases were last told.
    told: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Client {
    number: u32,
    seen: u64,
    whole: u32,
    lost: u32,
}

#[derive(Debug)]
struct End {
    at: u64,
    client: u32,
    attachment: Attachment,
}

/// Which history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Of one network.
    Network(IpAddr),
    /// Of every client of this gateway.
    All,
}

impl Past {
    /// A request for a WebSocket arrived, whole or without its upgrade.
    pub(super) fn arrived(&mut self, network: IpAddr, user: u64, lost: bool, now: u64) {
        let count = |place: &mut Network| {
            let client = place.client(user, now);
            let counter = if lost {
                &mut client.lost
            } else {
                &mut client.whole
            };
            *counter = counter.saturating_add(1);
        };
        count(self.network(network, now));
        count(&mut self.all);
    }

    /// A connection ended.
    pub(super) fn ended(&mut self, network: IpAddr, user: u64, attachment: Attachment, now: u64) {
        let of_all = attachment.clone();
        let place = self.network(network, now);
        let before = place.ends.len();
        place.ended(user, attachment, now);
        let after = place.ends.len();
        self.ends = self.ends + after - before;
        self.all.ended(user, of_all, now);
        if self.ends > ENDS_OF_ALL_MAX {
            self.drop_oldest();
        }
    }

    /// The histories that have enough cuts or lost upgrades to tell something, and were not told in the last minute.
    pub(super) fn telling(&mut self, network: IpAddr, now: u64) -> Vec<Scope> {
        let mut telling = Vec::new();
        // Where nobody's upgrade arrives, no network is to blame for its own.
        let some_arrive = self.all.clients.values().any(|client| client.whole > 0);
        let of_network = self.networks.get_mut(&network);
        for (place, scope, answers) in [
            (of_network, Scope::Network(network), some_arrive),
            (Some(&mut self.all), Scope::All, !some_arrive),
        ] {
            if let Some(place) = place
                && place.is_telling(answers, now)
            {
                place.told = now;
                telling.push(scope);
            }
        }
        telling
    }

    /// What is remembered; nothing where that is nothing.
    pub(super) fn history(&mut self, scope: Scope, now: u64) -> Option<History> {
        let (place, name) = match scope {
            Scope::Network(network) => (self.networks.get_mut(&network)?, written(network)),
            Scope::All => (&mut self.all, History::ALL.to_owned()),
        };
        let before = place.ends.len();
        place.forget(now);
        if scope != Scope::All {
            self.ends -= before - place.ends.len();
        }
        place.history(name, now)
    }

    fn network(&mut self, network: IpAddr, now: u64) -> &mut Network {
        if !self.networks.contains_key(&network) && self.networks.len() >= NETWORKS_MAX {
            self.drop_oldest();
        }
        let place = self.networks.entry(network).or_default();
        place.touched = now;
        place
    }

    fn drop_oldest(&mut self) {
        let all = self.networks.iter();
        let oldest = all
            .min_by_key(|(_, place)| place.touched)
            .map(|(at, _)| *at);
        if let Some(gone) = oldest.and_then(|oldest| self.networks.remove(&oldest)) {
            self.ends -= gone.ends.len();
        }
    }
}

impl Network {
    fn client(&mut self, user: u64, now: u64) -> &mut Client {
        if !self.clients.contains_key(&user) && self.clients.len() >= CLIENTS_MAX {
            let all = self.clients.iter();
            let oldest = all.min_by_key(|(_, one)| one.seen).map(|(user, _)| *user);
            oldest.and_then(|oldest| self.clients.remove(&oldest));
        }
        let taken = self.clients.values().map(|one| one.number + 1).max();
        let client = self.clients.entry(user).or_insert_with(|| Client {
            number: taken.unwrap_or(0),
            ..Client::default()
        });
        client.seen = now;
        client
    }

    fn ended(&mut self, user: u64, attachment: Attachment, now: u64) {
        let client = self.client(user, now).number;
        if self.ends.len() >= ENDS_MAX {
            self.ends.pop_front();
        }
        self.ends.push_back(End {
            at: now,
            client,
            attachment,
        });
    }

    /// `answers`: whether it is this place's affair where upgrades are lost.
    fn is_telling(&self, answers: bool, now: u64) -> bool {
        let newest = self.ends.back();
        let are_cut = || {
            newest.is_some_and(|end| end.attachment.end.is_cut())
                && self.cuts(now).take(CUTS_MIN).count() == CUTS_MIN
        };
        now >= self.told + TOLD_EVERY_MS && (are_cut() || answers && self.lost(now) >= CUTS_MIN)
    }

    /// Requests for WebSockets that came without their upgrade.
    fn lost(&self, now: u64) -> usize {
        let since = now.saturating_sub(SPAN_MS);
        let clients = self.clients.values().filter(|one| one.seen >= since);
        let lost = clients.fold(0_u32, |sum, one| sum.saturating_add(one.lost));
        usize::try_from(lost).unwrap_or(usize::MAX)
    }

    fn cuts(&self, now: u64) -> impl Iterator<Item = &End> {
        let since = now.saturating_sub(SPAN_MS);
        let ends = self.ends.iter().rev();
        ends.filter(move |end| end.at >= since && end.attachment.end.is_cut())
    }

    fn forget(&mut self, now: u64) {
        let since = now.saturating_sub(SPAN_MS);
        while self.ends.front().is_some_and(|end| end.at < since) {
            self.ends.pop_front();
        }
        self.clients.retain(|_, client| client.seen >= since);
    }

    fn history(&self, network: String, now: u64) -> Option<History> {
        let since = now.saturating_sub(SPAN_MS);
        let first = self.ends.front().map(|end| end.at);
        let mut clients: Vec<&Client> = self.clients.values().collect();
        clients.sort_unstable_by_key(|client| client.number);
        if clients.is_empty() {
            return None;
        }
        let begin = first.unwrap_or(now).max(since);
        let arrivals = clients.iter().filter(|one| one.whole + one.lost > 0);
        Some(History {
            network,
            // Who came later may have been first at the lock: times here are only nearly in order.
            span_ms: now.saturating_sub(begin),
            clients: u32::try_from(clients.len()).unwrap_or(u32::MAX),
            arrivals: arrivals
                .map(|one| PastArrival {
                    client: one.number,
                    whole: one.whole,
                    lost_upgrade: one.lost,
                })
                .collect(),
            ends: self
                .ends
                .iter()
                .map(|end| PastEnd {
                    at_ms: end.at.saturating_sub(begin),
                    client: end.client,
                    attachment: end.attachment.clone(),
                })
                .collect(),
        })
    }
}

/// Networks that are remembered.
const NETWORKS_MAX: usize = 4096;

/// Ends that are remembered of one network.
const ENDS_MAX: usize = 256;

/// Ends that are remembered of all networks; about five megabytes.
const ENDS_OF_ALL_MAX: usize = 32_768;

/// Clients that are told apart in one network.
const CLIENTS_MAX: usize = 256;

/// How far back a history reaches.
const SPAN_MS: u64 = 6 * 3600 * 1000;

/// Cuts, or lost upgrades, that may show a pattern.
const CUTS_MIN: usize = 3;

/// Between two looks at one network.
const TOLD_EVERY_MS: u64 = 60_000;

#[cfg(test)]
mod tests;
