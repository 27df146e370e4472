//! What is known of a target whose native way failed: one inquiry at a time, shared by everybody who waits, and kept for a while.
//!
//! It must never ask a server again and again because a local program comes again and again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use towpath_diagnosis::observation::Stage;

use crate::choice::{Choice, Symptom, choose};
use crate::gateway;
use crate::inquire::inquire;
use crate::opening::Opening;
use crate::refused::Why;
use crate::target::Target;

/// How long a verdict counts while the failure stays the same.
const KEPT: Duration = Duration::from_mins(10);

/// How long it counts that the failure has passed: meanwhile a refused attempt is made once more, and nothing is asked.
const PASSED: Duration = Duration::from_mins(1);

/// After an inquiry no other begins for the same target for so long, however its failures change.
const PAUSE: Duration = Duration::from_secs(30);

/// Most verdicts of one target, one for each way to fail.
const SYMPTOMS_MAX: usize = 8;

/// How long one opening waits for a verdict. Longer outlasts the patience of local programs; the inquiry goes on without them.
const WAITED: Duration = Duration::from_secs(15);

/// Most targets with a verdict; those that nobody waits for make room.
const TARGETS_MAX: usize = 256;

/// What was found out.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    symptom: Symptom,
    at: Instant,
    /// Whether a Towpath gateway serves the target.
    pub(crate) gateway: bool,
    /// What else to do.
    pub(crate) choice: Choice,
}

impl Verdict {
    fn standing(symptom: Symptom, why: &str) -> Self {
        Self {
            symptom,
            at: Instant::now(),
            gateway: false,
            choice: Choice::Stand(why.into()),
        }
    }

    fn counts(&self, symptom: Symptom, now: Instant) -> bool {
        let kept = match self.choice {
            Choice::Again => PASSED,
            _ => KEPT,
        };
        self.symptom == symptom && now.saturating_duration_since(self.at) < kept
    }
}

type Slot = Arc<tokio::sync::Mutex<Vec<Verdict>>>;

/// The verdicts of all targets.
#[derive(Default)]
pub(crate) struct Verdicts {
    slots: Mutex<HashMap<String, Slot>>,
}

impl Verdicts {
    fn slot(&self, target: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if !slots.contains_key(target) && slots.len() >= TARGETS_MAX {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry(target.to_owned()).or_default())
    }

    /// Whether a target was mute lately and has no gateway, so that proof would change nothing.
    pub(crate) fn takes_no_proof(&self, target: &str) -> bool {
        let slot = self.slot(target);
        let kept = slot.try_lock();
        kept.is_ok_and(|kept| {
            let now = Instant::now();
            let mute = kept
                .iter()
                .find(|verdict| verdict.counts(Symptom::Mute, now));
            mute.is_some_and(|verdict| !verdict.gateway)
        })
    }

    /// What was chosen has failed as well, so that it is not tried again and again.
    pub(crate) async fn fails_too(&self, target: &Target, symptom: Symptom, why: Why) {
        let slot = self.slot(&concerned(target, symptom));
        let mut kept = slot.lock().await;
        if let Some(verdict) = kept.iter_mut().find(|verdict| verdict.symptom == symptom) {
            verdict.choice = Choice::Stand(why);
        }
    }
}

/// The verdict on a target, found out where it is not known. A caller that gives up leaves the inquiry to finish for the next.
pub(crate) async fn verdict(opening: &Opening, symptom: Symptom) -> Verdict {
    let concerned = concerned(&opening.target, symptom);
    let slot = opening.inner.verdicts.slot(&concerned);
    let opening = opening.clone();
    let asking = tokio::spawn(async move {
        let mut kept = slot.lock_owned().await;
        if let Some(known) = known(&kept, symptom, Instant::now()) {
            return known;
        }
        let found = find_out(&opening, symptom).await;
        put(&mut kept, found.clone());
        found
    });
    match timeout(WAITED, asking).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(_)) => Verdict::standing(symptom, "the inquiry into it ended by itself"),
        Err(_) => Verdict::standing(
            symptom,
            "it is still being found out why; the next attempt will tell",
        ),
    }
}

/// Whom a failure concerns: what fails below HTTP fails for every path of a server alike.
fn concerned(target: &Target, symptom: Symptom) -> String {
    match symptom {
        Symptom::Failed(stage) if stage < Stage::Http => target.server(),
        _ => target.key(),
    }
}

/// What is known already, or that it is too soon to ask again.
fn known(kept: &[Verdict], symptom: Symptom, now: Instant) -> Option<Verdict> {
    if let Some(verdict) = kept.iter().find(|verdict| verdict.counts(symptom, now)) {
        return Some(verdict.clone());
    }
    let inquired = kept
        .iter()
        .filter(|verdict| verdict.symptom != Symptom::Mute);
    let last = inquired.map(|verdict| verdict.at).max()?;
    let is_too_soon = symptom != Symptom::Mute && now.saturating_duration_since(last) < PAUSE;
    is_too_soon.then(|| Verdict {
        gateway: kept.iter().any(|verdict| verdict.gateway),
        ..Verdict::standing(
            symptom,
            "the server was asked about another failure a moment ago",
        )
    })
}

fn put(kept: &mut Vec<Verdict>, found: Verdict) {
    kept.retain(|verdict| verdict.symptom != found.symptom);
    if kept.len() >= SYMPTOMS_MAX {
        kept.remove(0);
    }
    kept.push(found);
}

async fn find_out(opening: &Opening, symptom: Symptom) -> Verdict {
    let settings = &opening.inner.settings;
    let (target, request) = (&opening.target, &opening.request);
    let is_answering = match symptom {
        Symptom::Refused(_) | Symptom::Broken | Symptom::Mute => true,
        Symptom::Failed(stage) => stage == Stage::Http,
    };
    let gateway =
        is_answering && gateway::is_there(settings, target, request, opening.proxy.clone()).await;
    let choice = if gateway || symptom == Symptom::Mute {
        Choice::Stand("no gateway answers at this address".into())
    } else {
        tracing::info!(target = target.key(), ?symptom, "finding out why");
        let proxy = opening.proxy.clone();
        let (diagnosis, observations) = inquire(settings, target, request, proxy).await;
        choose(symptom, &diagnosis, &observations, opening.allowed())
    };
    Verdict {
        symptom,
        at: Instant::now(),
        gateway,
        choice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(symptom: Symptom, at: Instant, choice: Choice) -> Verdict {
        Verdict {
            at,
            choice,
            ..Verdict::standing(symptom, "")
        }
    }

    const BUSY: Symptom = Symptom::Refused(503);
    const BROKEN: Symptom = Symptom::Refused(502);

    #[test]
    fn a_verdict_counts_for_its_own_failure_and_a_while() {
        let now = Instant::now();
        let kept = [verdict(BUSY, now, Choice::Stand("busy".into()))];
        let stands = |symptom, at| match known(&kept, symptom, at)?.choice {
            Choice::Stand(why) => Some(why.sentence),
            _ => None,
        };
        assert_eq!(stands(BUSY, now + PAUSE).as_deref(), Some("busy"));
        assert_eq!(stands(BUSY, now + KEPT), None);
        assert!(stands(BROKEN, now).is_some_and(|why| why.contains("a moment ago")));
        assert_eq!(stands(BROKEN, now + PAUSE), None);
    }

    #[test]
    fn what_fails_below_http_concerns_every_path() {
        let target = Target::of(&"wss://a.example/x".parse().unwrap()).unwrap();
        let of = |symptom| concerned(&target, symptom);
        assert_eq!(of(Symptom::Failed(Stage::Tls)), "wss://a.example");
        assert_eq!(of(Symptom::Failed(Stage::Http)), "wss://a.example/x");
        assert_eq!(of(BUSY), "wss://a.example/x");
    }

    #[test]
    fn a_failure_that_has_passed_counts_shorter() {
        let now = Instant::now();
        let kept = [verdict(BUSY, now, Choice::Again)];
        assert!(known(&kept, BUSY, now + PAUSE).is_some());
        assert!(known(&kept, BUSY, now + PASSED).is_none());
    }

    #[test]
    fn each_failure_has_one_verdict_and_there_are_not_many() {
        let (mut kept, now) = (Vec::new(), Instant::now());
        for status in 500..600 {
            for _ in 0..2 {
                put(
                    &mut kept,
                    verdict(Symptom::Refused(status), now, Choice::Again),
                );
            }
        }
        assert_eq!(kept.len(), SYMPTOMS_MAX);
        assert_eq!(
            kept.last().map(|verdict| verdict.symptom),
            Some(Symptom::Refused(599))
        );
    }
}
