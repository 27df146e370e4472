//! The last few names of something, to know them again. It must never grow without bound.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// The newest `max` texts that were put in.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    known: HashSet<Arc<str>>,
    order: VecDeque<Arc<str>>,
    max: usize,
}

impl Ids {
    pub(super) fn new(max: usize) -> Self {
        Self {
            known: HashSet::new(),
            order: VecDeque::new(),
            max,
        }
    }

    /// Puts one in; whether it is new.
    pub(super) fn put(&mut self, id: &str) -> bool {
        if self.known.contains(id) {
            return false;
        }
        let id: Arc<str> = id.into();
        self.known.insert(Arc::clone(&id));
        self.order.push_back(id);
        if self.order.len() > self.max
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.known.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes() {
        let mut ids = Ids::new(2);
        assert!(ids.put("a") && ids.put("b") && !ids.put("a") && ids.put("c"));
        assert!(!ids.has("a") && ids.has("b") && ids.has("c"));
        assert_eq!(ids.known.len(), ids.order.len());
    }
}
