//! A running relay: sides, intakes and couriers as the plan wants them, and the way from one plan to the next.
//!
//! It must never stop what a new plan leaves as it was.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::task::JoinHandle;
use towpath_outbox::{Outbox, Target};

use crate::clock::now_unix_ms;
use crate::heard::Counts;
use crate::plan::Plan;
use crate::shared::{Shared, locked};
use crate::status::Status;

mod change;
mod joins;
mod keeper;
mod picture;
mod running;

use running::{RunningCourier, RunningSide};

/// A running relay.
#[derive(Debug)]
pub struct Relay {
    inner: Arc<Inner>,
    keeper: JoinHandle<()>,
}

/// What the handle and the keeper hold together.
#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    running: AsyncMutex<Running>,
    /// What a picture is made from; it is never held across a wait.
    view: Mutex<View>,
    started_unix_ms: i64,
}

/// What runs now.
#[derive(Debug)]
struct Running {
    plan: Plan,
    sides: HashMap<String, RunningSide>,
    couriers: HashMap<Target, RunningCourier>,
    counts: HashMap<String, Arc<Counts>>,
}

/// What a picture is made from.
#[derive(Debug, Clone)]
struct View {
    plan: Plan,
    states: HashMap<String, watch::Receiver<towpath_sides::States>>,
    counts: HashMap<String, Arc<Counts>>,
    waits_for: HashMap<Target, Arc<Mutex<Option<String>>>>,
}

impl Relay {
    /// Starts what a plan wants. It must be called within a tokio runtime, and be the only relay on that store.
    pub async fn start(plan: Plan, outbox: Outbox) -> Self {
        let nothing = plan.without_members();
        let inner = Arc::new(Inner {
            shared: Arc::new(Shared::new(outbox)),
            view: Mutex::new(View::of(&nothing)),
            running: AsyncMutex::new(Running {
                plan: nothing,
                sides: HashMap::new(),
                couriers: HashMap::new(),
                counts: HashMap::new(),
            }),
            started_unix_ms: now_unix_ms(),
        });
        inner.change(plan).await;
        let keeper = tokio::spawn(keeper::run(Arc::clone(&inner)));
        Self { inner, keeper }
    }

    /// Goes over to another plan. Sides and links that are the same in both go on untouched.
    pub async fn change(&self, plan: Plan) {
        self.inner.change(plan).await;
    }

    /// How it goes.
    pub async fn status(&self) -> Status {
        self.inner.picture().await
    }

    /// Counts up whenever something may have changed that a [`Status`] shows, except for numbers of messages.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.inner.shared.changes()
    }

    /// Ends: pieces under way are finished, what was read is kept, the store is closed. Each within a bounded time.
    pub async fn end(self) {
        self.keeper.abort();
        let mut running = self.inner.running.lock().await;
        let couriers = running.couriers.drain().map(|(_, courier)| courier);
        running::stop_all(couriers.collect(), LAST_PIECE_MAX).await;
        let sides = running.sides.drain().map(|(_, side)| side);
        running::end_all(sides.collect(), LAST_SIDE_MAX).await;
        self.inner.shared.outbox.close().await;
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Inner {
    fn show(&self, running: &Running) {
        *locked(&self.view) = View {
            plan: running.plan.clone(),
            states: running
                .sides
                .iter()
                .map(|(name, side)| (name.clone(), side.states.clone()))
                .collect(),
            counts: running.counts.clone(),
            waits_for: running
                .couriers
                .iter()
                .map(|(target, courier)| (target.clone(), Arc::clone(&courier.waits_for)))
                .collect(),
        };
        self.shared.note_change();
    }
}

impl View {
    fn of(plan: &Plan) -> Self {
        Self {
            plan: plan.clone(),
            states: HashMap::new(),
            counts: HashMap::new(),
            waits_for: HashMap::new(),
        }
    }
}

/// How long the outcome of a piece under way is waited for when plans change. Where it is not known then, it is uncertain.
const PIECE_END_MAX: Duration = Duration::from_secs(10);

/// How long a side may take to end; what it still tells meanwhile is taken.
const SIDE_END_MAX: Duration = Duration::from_secs(5);

/// The same at the end: both together are shorter than the patience of whatever runs services and containers.
const LAST_PIECE_MAX: Duration = Duration::from_secs(5);
const LAST_SIDE_MAX: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests;
