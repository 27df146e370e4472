//! One copy of what is equal: the same browser sends the same headers and the same TLS hello each time.
//!
//! It must never keep anything alive that nobody uses.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Shares equal values.
#[derive(Debug)]
pub(super) struct Interner<T: ?Sized> {
    hashes: RandomState,
    known: Mutex<Known<T>>,
}

#[derive(Debug)]
struct Known<T: ?Sized> {
    values: HashMap<u64, Weak<T>>,
    /// New values that found no room since those nobody uses were looked for.
    turned_away: usize,
}

impl<T: PartialEq + ?Sized> Interner<T> {
    /// Nothing shared.
    pub(super) fn new() -> Self {
        Self {
            hashes: RandomState::new(),
            known: Mutex::new(Known {
                values: HashMap::new(),
                turned_away: SWEEP_EVERY,
            }),
        }
    }

    /// The value, shared with an equal one that is in use. `key` says what equal values have in common, best
    /// everything that differs between others.
    pub(super) fn share(&self, new: Arc<T>, key: impl std::hash::Hash) -> Arc<T> {
        let hash = self.hashes.hash_one(key);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.values.get(&hash).and_then(Weak::upgrade)
            && *same == *new
        {
            return same;
        }
        if known.values.len() >= SHARED_MAX && known.turned_away >= SWEEP_EVERY {
            known.values.retain(|_, one| one.strong_count() > 0);
            known.turned_away = 0;
        }
        if known.values.len() < SHARED_MAX {
            known.values.insert(hash, Arc::downgrade(&new));
        } else {
            known.turned_away += 1;
        }
        new
    }
}

/// Different values that are looked for. More of them are kept one by one.
const SHARED_MAX: usize = 1024;

/// Looking for those nobody uses costs as much as this many new values.
const SWEEP_EVERY: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one_and_unused_ones_make_room() {
        let interner = Interner::new();
        let one = interner.share(Arc::new(1), "a");
        assert!(Arc::ptr_eq(&one, &interner.share(Arc::new(1), "a")));
        let other = interner.share(Arc::new(2), "a");
        assert_eq!(*other, 2);
        for number in 0..2 * SHARED_MAX {
            drop(interner.share(Arc::new(number), number));
        }
        let known = interner.known.lock().unwrap().values.len();
        assert!(known <= SHARED_MAX, "{known}");
    }
}
