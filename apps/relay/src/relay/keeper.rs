//! What has to be looked after from time to time: queues that nobody empties, and sides that ended by themselves.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

use super::running::{end_all, stop_all};
use super::{Inner, Running};
use crate::clock::{millis, now_unix_ms};

pub(super) async fn run(inner: Arc<Inner>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut swept = Instant::now();
    loop {
        ticks.tick().await;
        inner.restart_ended_sides().await;
        inner.make_up().await;
        if swept.elapsed() >= SWEEP_EVERY {
            swept = Instant::now();
            inner.sweep(now_unix_ms()).await;
        }
    }
}

impl Inner {
    /// A side ends only when it is told to; one that did so by itself is started again.
    pub(super) async fn restart_ended_sides(&self) {
        let mut running = self.running.lock().await;
        let ended: Vec<String> = running
            .sides
            .iter()
            .filter(|(_, side)| side.task.is_finished())
            .map(|(name, _)| name.clone())
            .collect();
        for name in ended {
            tracing::error!(side = %name, "the side ended by itself and is started again");
            self.restart(&mut running, &name).await;
        }
    }

    async fn restart(&self, running: &mut Running, name: &str) {
        let of_side = running.couriers.extract_if(|target, _| target.side == name);
        let couriers = of_side.map(|(_, courier)| courier).collect();
        stop_all(couriers, LOOK_EVERY).await;
        if let Some(side) = running.sides.remove(name) {
            // What it told before it ended is taken: it may not tell that again.
            end_all(vec![side], LOOK_EVERY).await;
        }
        self.complete(running).await;
    }

    /// Starts what could not be started yet, since the store did not answer.
    pub(super) async fn make_up(&self) {
        let mut running = self.running.lock().await;
        if !running.is_complete() {
            self.complete(&mut running).await;
        }
    }

    /// Gives up what is too old, also where nobody would look at it: links that are no more, and rooms that cannot be told now.
    pub(super) async fn sweep(&self, now_unix_ms: i64) {
        let plan = self.running.lock().await.plan.clone();
        let outbox = &self.shared.outbox;
        let Ok(lines) = outbox.counts().await else {
            return;
        };
        for line in lines {
            let of_member = plan.age_max_of(&line.target);
            let before = now_unix_ms - millis(of_member.unwrap_or(plan.age_max));
            if line.oldest_unix_ms.is_none_or(|oldest| oldest >= before) {
                continue;
            }
            let is_left_over = of_member.is_none();
            match outbox.sweep(&line.target, before, is_left_over).await {
                Ok(0) | Err(_) => {}
                Ok(messages) => {
                    tracing::warn!(target = %line.target, messages, "messages were given up: too old");
                    self.shared.note_change();
                }
            }
        }
    }
}

/// How often it is looked whether a side ended.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often queues are searched for what is too old.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
