//! Which way worked for which target, for a while. Only proof is remembered, never a failure; it must never hold a query or a secret.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::opened::Way;

/// How long a proven way is taken without asking anew. Longer saves round trips; shorter notices sooner that a better way works again.
pub(crate) const REMEMBERED: Duration = Duration::from_mins(30);

/// Most targets remembered; the oldest makes room.
const TARGETS_MAX: usize = 256;

/// A way that worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) way: Way,
    /// Why it was chosen.
    pub(crate) why: String,
}

/// All that is remembered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    ways: HashMap<String, (Known, Instant)>,
}

impl Memory {
    /// The way that worked for a target lately.
    pub(crate) fn of(&self, target: &str, now: Instant) -> Option<Known> {
        let (known, since) = self.ways.get(target)?;
        (now.saturating_duration_since(*since) < REMEMBERED).then(|| known.clone())
    }

    /// A way was proven.
    pub(crate) fn keep(&mut self, target: &str, known: Known, now: Instant) {
        if !self.ways.contains_key(target) && self.ways.len() >= TARGETS_MAX {
            let oldest = self.ways.iter().min_by_key(|(_, (_, since))| *since);
            if let Some(oldest) = oldest.map(|(target, _)| target.clone()) {
                self.ways.remove(&oldest);
            }
        }
        self.ways.insert(target.to_owned(), (known, now));
    }

    /// A way no longer works.
    pub(crate) fn forget(&mut self, target: &str) {
        self.ways.remove(target);
    }

    /// Everything that still counts, by target.
    pub(crate) fn all(&self, now: Instant) -> Vec<(String, Known)> {
        let counts = |since: &Instant| now.saturating_duration_since(*since) < REMEMBERED;
        let mut all: Vec<_> = self
            .ways
            .iter()
            .filter(|(_, (_, since))| counts(since))
            .map(|(target, (known, _))| (target.clone(), known.clone()))
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(why: &str) -> Known {
        Known {
            way: Way::Direct,
            why: why.to_owned(),
        }
    }

    #[test]
    fn a_way_is_known_for_half_an_hour() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        memory.keep("ws://a/", known("x"), now);
        assert_eq!(memory.of("ws://a/", now), Some(known("x")));
        assert_eq!(memory.of("ws://a/", now + REMEMBERED), None);
        assert_eq!(memory.all(now + REMEMBERED), []);
        memory.forget("ws://a/");
        assert_eq!(memory.of("ws://a/", now), None);
    }

    #[test]
    fn the_oldest_makes_room() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        for number in 0..=TARGETS_MAX {
            let at = now + Duration::from_millis(number as u64);
            memory.keep(&format!("ws://{number}/"), known("x"), at);
        }
        let later = now + Duration::from_secs(1);
        assert_eq!(memory.all(later).len(), TARGETS_MAX);
        assert_eq!(memory.of("ws://0/", later), None);
    }
}
