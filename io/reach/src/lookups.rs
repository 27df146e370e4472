//! What was looked up lately, so that a program that opens many sockets asks its resolver once a minute, and tries first the address
//! that connected. It must never answer from a lookup that is older.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use towpath_net::Names;

/// How long a lookup serves. Longer misses a server that moves; shorter asks more often.
const KEPT: Duration = Duration::from_mins(1);

/// The names of one caller.
#[derive(Default)]
pub(crate) struct Lookups {
    kept: Mutex<Option<(Names, Instant)>>,
}

impl Lookups {
    /// A copy of what is known, and since when.
    pub(crate) fn begin(&self, now: Instant) -> (Names, Instant) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((names, since)) if now.saturating_duration_since(*since) < KEPT => {
                (names.clone(), *since)
            }
            _ => (Names::default(), now),
        }
    }

    /// Takes back what a dial has learnt since.
    pub(crate) fn learnt(&self, names: Names, since: Instant) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|(_, known)| *known <= since) {
            *kept = Some((names, since));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use towpath_net::Settings;

    #[tokio::test]
    async fn a_lookup_serves_for_a_minute() {
        let (lookups, now) = (Lookups::default(), Instant::now());
        let mut settings = Settings::default();
        settings.add_override("h.invalid:80:192.0.2.1").unwrap();
        let (mut names, since) = lookups.begin(now);
        names.of(&settings, "h.invalid", 80, &mut ()).await.unwrap();
        lookups.learnt(names, since);
        let (mut again, _) = lookups.begin(now);
        let found = again
            .of(&Settings::default(), "h.invalid", 80, &mut ())
            .await;
        assert!(found.is_ok(), "it was not kept: {found:?}");
        let (_, since) = lookups.begin(now + KEPT);
        assert_eq!(since, now + KEPT, "an old lookup is begun anew");
    }

    #[test]
    fn an_older_lookup_does_not_replace_a_newer_one() {
        let (lookups, now) = (Lookups::default(), Instant::now());
        let later = now + Duration::from_secs(1);
        lookups.learnt(Names::default(), later);
        lookups.learnt(Names::default(), now);
        assert_eq!(lookups.begin(later).1, later);
    }
}
