//! One room over all its connections: it is entered, and entered again after every loss. It must never leave an order unanswered, nor
//! hurry a server that refuses.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use towpath_chat::kosmi::room_id;
use towpath_tokens::subject;

use super::login::Shown;
use super::opening;
use super::over::Over;
use super::proof::Proofs;
use super::shared::Shared;
use super::talk::Talk;
use super::timeline::Timeline;
use super::wire::Wire;
use crate::backoff::Backoff;
use crate::clock::now_unix_ms;
use crate::order::{Join, Outcome, Sending};
use crate::state::{State, Why};

/// What a room is asked to do. That nobody can ask any more is the order to leave.
pub(super) struct Say {
    pub(super) sending: Box<Sending>,
    pub(super) answer: oneshot::Sender<Outcome>,
}

/// What a room keeps over its connections.
pub(super) struct Room {
    /// The name by which it was joined.
    pub(super) name: String,
    pub(super) timeline: Timeline,
    pub(super) proofs: Proofs,
    /// Whether the server's history gives the newest first, where that was seen.
    pub(super) newest_first: Option<bool>,
    /// Since when this run knows what is said, in milliseconds since 1970.
    pub(super) begun_unix_ms: i64,
    /// Steps whose first query is refused.
    pub(super) fallbacks: HashSet<String>,
    /// Optional steps that the server refused, which is told once.
    pub(super) missing: HashSet<String>,
    /// The piece that was not taken last, and how often.
    pub(super) failed: Option<(String, u32)>,
}

impl Room {
    /// A room that has had no connection yet.
    pub(super) fn new(name: String, timeline: Timeline, proofs: Proofs) -> Self {
        Self {
            name,
            timeline,
            proofs,
            newest_first: None,
            begun_unix_ms: now_unix_ms(),
            fallbacks: HashSet::new(),
            missing: HashSet::new(),
            failed: None,
        }
    }
}

/// Runs a room until it is left.
pub(super) async fn run(shared: Arc<Shared>, join: Join, mut orders: mpsc::Receiver<Say>) {
    let id = match room_id(&join.room) {
        Ok(id) => id,
        Err(error) => {
            let stopped = Over::Stop(Why::from(error.to_string()));
            rest(&shared, &join.room, &mut orders, stopped, Duration::MAX).await;
            return;
        }
    };
    let timeline = Timeline::new(join.since);
    let mut room = Room::new(join.room, timeline, Proofs::new());
    let times = &shared.settings.times;
    let mut backoff = Backoff::new(times.backoff_first, times.backoff_max, times.stable);
    let mut refused: Option<Shown> = None;
    let mut renewed = false;
    let mut hopeless = 0_u32;
    loop {
        shared.board.room(&room.name, State::Connecting);
        let end = connection(&shared, &id, &mut room, &mut orders, &mut refused).await;
        if end.was_ready {
            backoff.ready(end.ready_at.unwrap_or_else(Instant::now));
            renewed = false;
            hopeless = 0;
        }
        let grown = backoff.lost(Instant::now());
        let (over, wait) = match end.over {
            Over::Left => return,
            Over::Renew(why) if renewed => (Over::Stop(refused_twice(why)), Duration::MAX),
            Over::Renew(why) => {
                renewed = true;
                (Over::Renew(why), grown)
            }
            Over::Stop(why) => (Over::Stop(why), Duration::MAX),
            Over::Slowly(why) => {
                hopeless = hopeless.saturating_add(1);
                let slow = if hopeless > QUICK_TRIES {
                    times.slow
                } else {
                    Duration::ZERO
                };
                (Over::Slowly(why), slow + grown)
            }
            Over::Wait(why, wait) => (Over::Wait(why, wait), grown.max(wait)),
            Over::Retry(why) => (Over::Retry(why), grown),
        };
        if rest(&shared, &room.name, &mut orders, over, wait).await == Left::Yes {
            return;
        }
    }
}

/// How a connection went.
pub(super) struct Ended {
    pub(super) over: Over,
    pub(super) was_ready: bool,
    pub(super) ready_at: Option<Instant>,
}

impl Ended {
    fn early(over: Over) -> Self {
        Self {
            over,
            was_ready: false,
            ready_at: None,
        }
    }
}

/// One connection, from its token to its end.
async fn connection(
    shared: &Shared,
    id: &str,
    room: &mut Room,
    orders: &mut mpsc::Receiver<Say>,
    refused: &mut Option<Shown>,
) -> Ended {
    let (wire, shown) = match entrance(shared, id, orders, refused.as_ref()).await {
        Ok(opened) => opened,
        Err(over) => return Ended::early(over),
    };
    let knows_us = subject(shown.reveal()).is_some();
    let ended = Talk::new(shared, id, room, wire, knows_us)
        .run(orders)
        .await;
    *refused = matches!(ended.over, Over::Renew(_)).then_some(shown);
    ended
}

/// A token and a socket, while orders are put off.
async fn entrance(
    shared: &Shared,
    id: &str,
    orders: &mut mpsc::Receiver<Say>,
    refused: Option<&Shown>,
) -> Result<(Wire, Shown), Over> {
    let opening = opening::open(shared, id, refused);
    tokio::pin!(opening);
    loop {
        tokio::select! {
            opened = &mut opening => return opened,
            order = orders.recv() => match order {
                Some(say) => say.later("the room is being entered", None),
                None => return Err(Over::Left),
            },
        }
    }
}

/// Whether a room was left while it rested.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    Yes,
    No,
}

/// Says why it is over and waits; a wait without end is that for somebody to change something.
async fn rest(
    shared: &Shared,
    name: &str,
    orders: &mut mpsc::Receiver<Say>,
    over: Over,
    wait: Duration,
) -> Left {
    let side = &shared.settings.name;
    let now = now_unix_ms();
    let until = (wait != Duration::MAX).then(|| Instant::now() + wait);
    let why = match &over {
        Over::Retry(why)
        | Over::Slowly(why)
        | Over::Wait(why, _)
        | Over::Renew(why)
        | Over::Stop(why) => why.clone(),
        Over::Left => return Left::Yes,
    };
    shared.board.trouble(now, why.clone());
    let state = if until.is_some() {
        let ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        tracing::warn!(
            side,
            room = name,
            why = why.to_string(),
            wait_ms = ms,
            "not in the room"
        );
        State::Waiting {
            why: why.clone(),
            until_unix_ms: now.saturating_add(ms),
        }
    } else {
        tracing::error!(side, room = name, why = why.to_string(), "stopped");
        State::Stopped { why: why.clone() }
    };
    shared.board.room(name, state);
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        tokio::select! {
            () = sleep(left.unwrap_or(LOOK_AGAIN)) => if until.is_some() {
                return Left::No;
            },
            order = orders.recv() => match order {
                Some(say) => say.later(&why.sentence, Some(left.unwrap_or(LOOK_AGAIN))),
                None => return Left::Yes,
            },
        }
    }
}

/// A server that fails by itself is tried so often before the long waits begin.
const QUICK_TRIES: u32 = 3;

/// How long whoever wants to say something in a stopped room is put off.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

fn refused_twice(why: Why) -> Why {
    Why {
        sentence: format!("a new token is refused as well: {}", why.sentence),
        remedy: Some("Log in again where the token comes from, or find out whether the account may still do so.".to_owned()),
        ..why
    }
}

impl Say {
    /// Not now, and it was not said.
    pub(super) fn later(self, why: &str, after: Option<Duration>) {
        // What may have been said before is not settled by this.
        let uncertain = self.sending.begun_unix_ms.is_some();
        self.tell(Outcome::Later {
            why: why.to_owned(),
            uncertain,
            after,
        });
    }

    /// Whoever asked may be gone; then nobody waits for it.
    pub(super) fn tell(self, outcome: Outcome) {
        let _ = self.answer.send(outcome);
    }
}
