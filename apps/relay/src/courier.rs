//! Tells one room of a link what was said in the others: the oldest first, piece by piece, each until its outcome is known.
//!
//! It must never begin a piece before the one before it is done, nor forget to write down what it does before it does it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use towpath_chat::{Outgoing, compose};
use towpath_outbox::{Progress, Reason, Target, Waiting};
use towpath_sides::{Outcome, Sending, SideSender, State, States};

use crate::clock::{millis, now_unix_ms};
use crate::plan::{Member, SideKind, Uncertain};
use crate::shared::{Lane, Shared, locked};

mod context;
mod doubts;

pub(crate) use doubts::Doubts;

/// What tells one room.
#[derive(Debug)]
pub(crate) struct Courier {
    pub target: Target,
    pub member: Member,
    pub kind: Arc<dyn SideKind>,
    pub sender: SideSender,
    pub states: watch::Receiver<States>,
    pub shared: Arc<Shared>,
    /// Becomes true when the courier is to end after the piece under way.
    pub stop: watch::Receiver<bool>,
    /// Why the first message waits.
    pub waits_for: Arc<Mutex<Option<String>>>,
    pub doubts: Doubts,
}

/// What is done after one step.
enum Step {
    /// Go on at once.
    On,
    /// Nothing waits.
    Idle,
    /// Leave the other end alone for a while.
    Pause(Option<Duration>),
    /// The store is closed.
    Over,
}

/// A piece that is written down as tried.
struct Piece {
    waiting: Waiting,
    outgoing: Outgoing,
    begun_unix_ms: Option<i64>,
}

impl Courier {
    /// Tells until it is stopped, or the store is closed.
    pub(crate) async fn run(mut self) {
        let lane = self.shared.lane(&self.target.place());
        let mut pauses = 0;
        while !*self.stop.borrow() {
            if !self.is_ready() {
                self.wait_for_change().await;
                continue;
            }
            match self.step(&lane).await {
                Step::On => pauses = 0,
                Step::Idle => {
                    let changed = self.shared.outbox.changed(&self.target);
                    tokio::select! {
                        () = changed => {}
                        _ = self.stop.changed() => {}
                    }
                }
                Step::Pause(after) => {
                    self.pause(after, pauses).await;
                    pauses += 1;
                }
                Step::Over => return,
            }
        }
    }

    fn is_ready(&self) -> bool {
        is_ready(&self.states.borrow(), &self.target.room)
    }

    /// Until the side or the owner says something new. A side that is gone says nothing more.
    async fn wait_for_change(&mut self) {
        tokio::select! {
            changed = self.states.changed() => {
                if changed.is_err() {
                    let _ = self.stop.changed().await;
                }
            }
            _ = self.stop.changed() => {}
        }
    }

    async fn pause(&mut self, after: Option<Duration>, pauses: u32) {
        let own = PAUSE_MIN.saturating_mul(1 << pauses.min(10)).min(PAUSE_MAX);
        let pause = after.unwrap_or(own).clamp(AFTER_MIN, AFTER_MAX);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = back(self.states.clone(), &self.target.room) => {}
            _ = self.stop.changed() => {}
        }
    }

    /// One piece, or one message that needs none.
    async fn step(&mut self, lane: &Lane) -> Step {
        // What was told there last is only known to whoever holds the lane.
        let guard = lane.lock().await;
        let outbox = &self.shared.outbox;
        let waiting = match self.shared.read(|| outbox.next(&self.target)).await {
            None => return Step::Over,
            Some(None) => {
                self.set_waits_for(None);
                return Step::Idle;
            }
            Some(Some(waiting)) => waiting,
        };
        let now = now_unix_ms();
        let is_too_old = now - waiting.since_unix_ms > millis(self.member.age_max);
        let may_double = waiting.tried_unix_ms.is_some()
            && !self.kind.looks_back()
            && self.member.uncertain == Uncertain::Drop;
        if may_double {
            return self.give_up(waiting.key, Reason::Uncertain, None).await;
        }
        if is_too_old && waiting.tried_unix_ms.is_none() && waiting.done == 0 {
            return self.give_up(waiting.key, Reason::TooOld, None).await;
        }
        if self.doubts.are_enough(waiting.key, waiting.done) {
            return self.give_up(waiting.key, Reason::Unproven, None).await;
        }
        let piece = match self.begin(waiting, now).await {
            Ok(piece) => piece,
            Err(step) => return step,
        };
        self.shared.will_tell(
            &self.target.link,
            &piece.outgoing,
            &piece.waiting.message,
            now,
        );
        let outcome = self.sender.send(sending(&self.target, &piece)).await;
        let step = self.note(&piece, outcome).await;
        drop(guard);
        step
    }

    /// Writes down what is going to be told, before it is.
    async fn begin(&self, waiting: Waiting, now_unix_ms: i64) -> Result<Piece, Step> {
        let outbox = &self.shared.outbox;
        let key = waiting.key;
        let (outgoing, is_kept) = if let Some(pieces) = &waiting.pieces {
            let Some(outgoing) = pieces.get(waiting.done).cloned() else {
                return Err(self.finish(key).await);
            };
            let kept = self.shared.kept(|| outbox.tried(key, now_unix_ms)).await;
            (outgoing, kept)
        } else {
            let pieces = self.compose(&waiting, now_unix_ms).await?;
            let Some(outgoing) = pieces.first().cloned() else {
                return Err(self.finish(key).await);
            };
            let begin = || outbox.begin(key, &pieces, now_unix_ms);
            (outgoing, self.shared.kept(begin).await)
        };
        match is_kept {
            Some(true) => Ok(Piece {
                begun_unix_ms: waiting.tried_unix_ms,
                outgoing,
                waiting,
            }),
            Some(false) => Err(Step::On),
            None => Err(Step::Over),
        }
    }

    async fn compose(&self, waiting: &Waiting, now_unix_ms: i64) -> Result<Vec<Outgoing>, Step> {
        let context = self.context(&waiting.message, now_unix_ms).await;
        let context = context.ok_or(Step::Over)?;
        let message = self.with_author(&waiting.message).await;
        let message = message.ok_or(Step::Over)?;
        let rules = self.kind.rules(&self.target.room);
        Ok(compose(&message, &self.member.formats, &context, &rules))
    }

    async fn note(&mut self, piece: &Piece, outcome: Outcome) -> Step {
        let outbox = &self.shared.outbox;
        let key = piece.waiting.key;
        match outcome {
            Outcome::Delivered { id } => {
                self.set_waits_for(None);
                let now = now_unix_ms();
                let done = || outbox.piece_done(key, id.clone(), now);
                match self.shared.kept(done).await {
                    Some(Progress::More | Progress::Finished | Progress::Gone) => Step::On,
                    None => Step::Over,
                }
            }
            Outcome::Later {
                why,
                uncertain,
                after,
            } => {
                self.set_waits_for(Some(why));
                if uncertain {
                    self.doubts.note(key, piece.waiting.done);
                }
                let postponed = || outbox.postponed(key, uncertain);
                match self.shared.kept(postponed).await {
                    Some(()) => Step::Pause(after),
                    None => Step::Over,
                }
            }
            Outcome::Refused { why } => self.give_up(key, Reason::Refused, Some(&why)).await,
        }
    }

    async fn finish(&self, key: i64) -> Step {
        let outbox = &self.shared.outbox;
        match self.shared.kept(|| outbox.nothing_to_tell(key)).await {
            Some(()) => Step::On,
            None => Step::Over,
        }
    }

    async fn give_up(&self, key: i64, reason: Reason, why: Option<&str>) -> Step {
        let outbox = &self.shared.outbox;
        if self
            .shared
            .kept(|| outbox.give_up(key, reason))
            .await
            .is_none()
        {
            return Step::Over;
        }
        tracing::warn!(target = %self.target, %reason, why, "a message was given up");
        self.set_waits_for(None);
        self.shared.note_change();
        Step::On
    }

    fn set_waits_for(&self, why: Option<String>) {
        *locked(&self.waits_for) = why;
    }
}

fn is_ready(states: &States, room: &str) -> bool {
    let state: Option<&State> = states.rooms.get(room);
    state.unwrap_or(&states.connection).is_ready()
}

/// Until a room is ready again that was not: how long to wait was a guess of a side that was away. A side that is gone does not come back.
async fn back(mut states: watch::Receiver<States>, room: &str) {
    let mut was_ready = is_ready(&states.borrow_and_update(), room);
    while states.changed().await.is_ok() {
        let is_ready = is_ready(&states.borrow_and_update(), room);
        if is_ready && !was_ready {
            return;
        }
        was_ready = is_ready;
    }
    std::future::pending::<()>().await;
}

fn sending(target: &Target, piece: &Piece) -> Sending {
    Sending {
        id: format!("{}-{}", piece.waiting.name, piece.waiting.done),
        room: target.room.clone(),
        outgoing: piece.outgoing.clone(),
        begun_unix_ms: piece.begun_unix_ms,
        behind: piece.waiting.behind.clone(),
    }
}

/// How long a side that does not say is left alone: at first, and at most.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// The shortest and the longest that a side may ask for.
const AFTER_MIN: Duration = Duration::from_millis(10);
const AFTER_MAX: Duration = Duration::from_hours(1);
