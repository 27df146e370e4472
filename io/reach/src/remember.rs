//! Which way worked for which target, for a while. Only proof is remembered, never a failure; it must never hold a query or a secret.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use towpath_transport::client::Transport;

use crate::opened::Way;

/// How long what was proven is relied on without asking anew. Longer saves round trips; shorter notices sooner that a better way works
/// again.
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
    /// The ways that worked.
    pub(crate) ways: Kept<Known>,
    /// The transports over which sessions of gateways opened.
    pub(crate) transports: Kept<Transport>,
}

/// Something proven of each target.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    of: HashMap<String, (T, Instant)>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { of: HashMap::new() }
    }
}

impl<T: Clone> Kept<T> {
    /// What was proven of a target lately.
    pub(crate) fn of(&self, target: &str, now: Instant) -> Option<T> {
        let (known, since) = self.of.get(target)?;
        counts(*since, now).then(|| known.clone())
    }

    /// It was proven now.
    pub(crate) fn keep(&mut self, target: &str, known: T, now: Instant) {
        if !self.of.contains_key(target) && self.of.len() >= TARGETS_MAX {
            let oldest = self.of.iter().min_by_key(|(_, (_, since))| *since);
            if let Some(oldest) = oldest.map(|(target, _)| target.clone()) {
                self.of.remove(&oldest);
            }
        }
        self.of.insert(target.to_owned(), (known, now));
    }

    /// It does not hold any more.
    pub(crate) fn forget(&mut self, target: &str) {
        self.of.remove(target);
    }

    /// Everything that still counts, by target.
    pub(crate) fn all(&self, now: Instant) -> Vec<(String, T)> {
        let mut all: Vec<_> = self
            .of
            .iter()
            .filter(|(_, (_, since))| counts(*since, now))
            .map(|(target, (known, _))| (target.clone(), known.clone()))
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }
}

fn counts(since: Instant, now: Instant) -> bool {
    now.saturating_duration_since(since) < REMEMBERED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_proven_is_known_for_half_an_hour() {
        let (mut kept, now) = (Kept::default(), Instant::now());
        kept.keep("ws://a/", 1, now);
        assert_eq!(kept.of("ws://a/", now), Some(1));
        assert_eq!(kept.of("ws://a/", now + REMEMBERED), None);
        assert_eq!(kept.all(now + REMEMBERED), []);
        kept.forget("ws://a/");
        assert_eq!(kept.of("ws://a/", now), None);
    }

    #[test]
    fn the_oldest_makes_room() {
        let (mut kept, now) = (Kept::default(), Instant::now());
        for number in 0..=TARGETS_MAX {
            let at = now + Duration::from_millis(number as u64);
            kept.keep(&format!("ws://{number}/"), number, at);
        }
        let later = now + Duration::from_secs(1);
        assert_eq!(kept.all(later).len(), TARGETS_MAX);
        assert_eq!(kept.of("ws://0/", later), None);
    }
}
