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

/// How long a verdict counts while the failure stays the same.
const KEPT: Duration = Duration::from_mins(5);

/// How long it counts that the failure has passed.
const PASSED: Duration = Duration::from_secs(10);

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
    fn counts(&self, symptom: Symptom, now: Instant) -> bool {
        let kept = match self.choice {
            Choice::Again => PASSED,
            _ => KEPT,
        };
        self.symptom == symptom && now.saturating_duration_since(self.at) < kept
    }
}

type Slot = Arc<tokio::sync::Mutex<Option<Verdict>>>;

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
}

/// The verdict on a target, found out where it is not known. A caller that gives up leaves the inquiry to finish for the next.
pub(crate) async fn verdict(opening: &Opening, symptom: Symptom) -> Verdict {
    let slot = opening.inner.verdicts.slot(&opening.target.key());
    let opening = opening.clone();
    let asking = tokio::spawn(async move {
        let mut kept = slot.lock_owned().await;
        match kept
            .as_ref()
            .filter(|verdict| verdict.counts(symptom, Instant::now()))
        {
            Some(verdict) => verdict.clone(),
            None => kept.insert(find_out(&opening, symptom).await).clone(),
        }
    });
    let unknown = |why: &str| Verdict {
        symptom,
        at: Instant::now(),
        gateway: false,
        choice: Choice::Stand(why.into()),
    };
    match timeout(WAITED, asking).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(_)) => unknown("the inquiry into it ended by itself"),
        Err(_) => unknown("it is still being found out why; the next attempt will tell"),
    }
}

async fn find_out(opening: &Opening, symptom: Symptom) -> Verdict {
    let settings = &opening.inner.settings;
    let (target, request) = (&opening.target, &opening.request);
    let is_answering = match symptom {
        Symptom::Refused(_) | Symptom::NotReally => true,
        Symptom::Failed(stage) => stage == Stage::Http,
    };
    let gateway =
        is_answering && gateway::is_there(settings, target, request, opening.proxy.clone()).await;
    let choice = if gateway || symptom == Symptom::NotReally {
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
