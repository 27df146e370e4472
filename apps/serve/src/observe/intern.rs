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
    known: Mutex<HashMap<u64, Weak<T>>>,
}

impl<T: PartialEq + ?Sized> Interner<T> {
    /// Nothing shared.
    pub(super) fn new() -> Self {
        Self {
            hashes: RandomState::new(),
            known: Mutex::default(),
        }
    }

    /// The value, shared with an equal one that is in use. `key` says what equal values have in common, best
    /// everything that differs between others.
    pub(super) fn share(&self, new: Arc<T>, key: impl std::hash::Hash) -> Arc<T> {
        let hash = self.hashes.hash_one(key);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.get(&hash).and_then(Weak::upgrade)
            && *same == *new
        {
            return same;
        }
        if known.len() >= SHARED_MAX {
            known.retain(|_, one| one.strong_count() > 0);
        }
        if known.len() < SHARED_MAX {
            known.insert(hash, Arc::downgrade(&new));
        }
        new
    }
}

/// Different values that are looked for. More of them are kept one by one.
const SHARED_MAX: usize = 1024;

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
        let known = interner.known.lock().unwrap().len();
        assert!(known <= SHARED_MAX, "{known}");
    }
}
