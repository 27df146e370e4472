//! One running side with its intake, one running courier, and how they end.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use towpath_outbox::Target;
use towpath_sides::{Side, SideSender, States};

use crate::courier::{Courier, Doubts};
use crate::heard::Counts;
use crate::intake::Intake;
use crate::plan::{Member, SideKind};
use crate::shared::Shared;

/// A side, and what takes from it.
#[derive(Debug)]
pub(super) struct RunningSide {
    pub kind: Arc<dyn SideKind>,
    pub sender: SideSender,
    pub states: watch::Receiver<States>,
    /// The rooms that it was asked to be in.
    pub rooms: BTreeSet<String>,
    pub task: JoinHandle<()>,
    intake: JoinHandle<()>,
    watcher: JoinHandle<()>,
}

/// A courier.
#[derive(Debug)]
pub(super) struct RunningCourier {
    pub member: Member,
    pub waits_for: Arc<Mutex<Option<String>>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RunningSide {
    pub(super) fn start(
        name: &str,
        kind: &Arc<dyn SideKind>,
        own: Vec<String>,
        counts: &Arc<Counts>,
        shared: &Arc<Shared>,
    ) -> Self {
        let Side {
            sender,
            events,
            states,
            task,
        } = kind.start(own.clone());
        let intake = Intake {
            side: name.to_owned(),
            shared: Arc::clone(shared),
            counts: Arc::clone(counts),
            own: HashSet::from_iter(own),
        };
        Self {
            kind: Arc::clone(kind),
            sender,
            watcher: tokio::spawn(watch_states(states.clone(), Arc::clone(shared))),
            states,
            rooms: BTreeSet::new(),
            task,
            intake: tokio::spawn(intake.run(events)),
        }
    }

    /// Ends it without waiting for anything.
    pub(super) fn abort(&self) {
        self.task.abort();
        self.intake.abort();
        self.watcher.abort();
    }
}

impl RunningCourier {
    pub(super) fn start(
        target: Target,
        member: Member,
        side: &RunningSide,
        shared: &Arc<Shared>,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let waits_for = Arc::new(Mutex::new(None));
        let courier = Courier {
            target,
            member: member.clone(),
            kind: Arc::clone(&side.kind),
            sender: side.sender.clone(),
            states: side.states.clone(),
            shared: Arc::clone(shared),
            stop: stopped,
            waits_for: Arc::clone(&waits_for),
            doubts: Doubts::default(),
        };
        Self {
            member,
            waits_for,
            stop,
            task: tokio::spawn(courier.run()),
        }
    }

    /// Ends it without waiting for anything.
    pub(super) fn abort(&self) {
        self.task.abort();
    }
}

/// Has couriers end after the piece under way; those that take too long are cut off.
pub(super) async fn stop_all(couriers: Vec<RunningCourier>, within: Duration) {
    for courier in &couriers {
        courier.stop.send_replace(true);
    }
    let deadline = Instant::now() + within;
    for mut courier in couriers {
        if timeout_at(deadline, &mut courier.task).await.is_err() {
            courier.abort();
        }
    }
}

/// Has sides end, and takes what they still tell; those that take too long are cut off.
pub(super) async fn end_all(sides: Vec<RunningSide>, within: Duration) {
    let deadline = Instant::now() + within;
    for side in &sides {
        let _ = timeout_at(deadline, side.sender.end()).await;
    }
    for mut side in sides {
        let ended = async {
            let _ = (&mut side.task).await;
            let _ = (&mut side.intake).await;
        };
        if timeout_at(deadline, ended).await.is_err() {
            side.abort();
        }
        side.watcher.abort();
    }
}

async fn watch_states(mut states: watch::Receiver<States>, shared: Arc<Shared>) {
    while states.changed().await.is_ok() {
        shared.note_change();
    }
}
