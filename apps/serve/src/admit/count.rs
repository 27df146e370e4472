//! How many of something there are, in all and per address.
//!
//! It must never forget to count down: a [`Permit`] does it when it is dropped.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::Limit;

/// Counts things in all and per address, up to a limit each.
#[derive(Debug)]
pub(crate) struct Counter<L = Limit> {
    most: usize,
    most_per_address: usize,
    limits: [L; 2],
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    per_address: HashMap<IpAddr, usize>,
}

/// One thing that is counted, as long as it lives.
#[derive(Debug)]
pub(crate) struct Permit<L = Limit> {
    counter: Arc<Counter<L>>,
    address: IpAddr,
}

impl<L: Copy> Counter<L> {
    /// `limits` are the names of the limit in all and of that per address.
    pub(crate) fn new(most: usize, most_per_address: usize, limits: [L; 2]) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_per_address,
            limits,
            counts: Mutex::default(),
        })
    }

    /// Counts one more, or names the limit that is reached. The address is one of
    /// [`crate::client::Client::counted_address`].
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Permit<L>, L> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= self.most {
            return Err(self.limits[0]);
        }
        let of_address = counts.per_address.entry(address).or_default();
        if *of_address >= self.most_per_address {
            return Err(self.limits[1]);
        }
        *of_address += 1;
        counts.all += 1;
        Ok(Permit {
            counter: self.clone(),
            address,
        })
    }

    /// How many there are.
    pub(crate) fn all(&self) -> usize {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all
    }
}

impl<L> Drop for Permit<L> {
    fn drop(&mut self) {
        let counts = self.counter.counts.lock();
        let mut counts = counts.unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        if let Some(of_address) = counts.per_address.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                counts.per_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_named_and_what_ends_makes_room() {
        let limits = [Limit::Connections, Limit::ConnectionsPerAddress];
        let counter = Counter::new(3, 2, limits);
        let [a, b] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().unwrap());
        let first = counter.admit(a).unwrap();
        let _second = counter.admit(a).unwrap();
        assert_eq!(counter.admit(a).unwrap_err(), Limit::ConnectionsPerAddress);
        let _third = counter.admit(b).unwrap();
        assert_eq!(counter.admit(b).unwrap_err(), Limit::Connections);
        drop(first);
        assert_eq!(counter.all(), 2);
        assert!(counter.admit(a).is_ok());
    }

    #[test]
    fn no_address_is_remembered_without_need() {
        let limits = [Limit::Connections, Limit::ConnectionsPerAddress];
        let counter = Counter::new(3, 0, limits);
        assert!(counter.admit("192.0.2.1".parse().unwrap()).is_err());
        let counter = Counter::new(3, 1, limits);
        drop(counter.admit("192.0.2.1".parse().unwrap()));
        assert!(counter.counts.lock().unwrap().per_address.is_empty());
    }
}
