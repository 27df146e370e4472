//! What outlives a connection: the rooms wanted, how far each was read, the state that everybody sees, and what waits to be told.
//!
//! It must never hold more events than its bound, nor lose one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tokio::sync::{mpsc, oneshot, watch};
use towpath_irc as irc;

use super::outcome;
use crate::clock::now_unix_ms;
use crate::order::{Join, Mark, Order, Outcome};
use crate::side::Event;
use crate::state::{State, States, Trouble, Why};

/// Events that wait for the owner while lines are still read. Past it the server waits too.
const PENDING_MAX: usize = 256;

/// A mark that is younger is one of a room that is new, in milliseconds.
const NEW_MS: i64 = 3_000;

/// What outlives a connection.
pub(super) struct Desk {
    pub(super) name: String,
    pub(super) rooms: BTreeMap<String, Option<Mark>>,
    pub(super) events: mpsc::Sender<Event>,
    states: watch::Sender<States>,
    pending: VecDeque<Event>,
    /// A login worked once.
    pub(super) login_worked: bool,
    /// Since when the server ran that was last spoken to, in its own words.
    pub(super) created: Option<String>,
    /// Rooms that were listened to before.
    listened: BTreeSet<String>,
}

/// What came of an order while there is no connection.
pub(super) enum Asked {
    /// Nothing more to do.
    Noted,
    /// The side is to end.
    End,
}

impl Desk {
    pub(super) fn new(
        name: String,
        events: mpsc::Sender<Event>,
        states: watch::Sender<States>,
    ) -> Self {
        Self {
            name,
            rooms: BTreeMap::new(),
            events,
            states,
            pending: VecDeque::new(),
            login_worked: false,
            created: None,
            listened: BTreeSet::new(),
        }
    }

    /// Takes an order while there is no connection.
    pub(super) fn absent(&mut self, order: Option<Order>) -> Asked {
        match order {
            Some(Order::Send(_, answer)) => self.not_now(answer),
            Some(Order::Join(join)) => self.wants(join),
            Some(Order::Leave(room)) => self.wants_no_more(&room),
            Some(Order::End) | None => return Asked::End,
        }
        Asked::Noted
    }

    fn not_now(&self, answer: oneshot::Sender<Outcome>) {
        let why = match &self.states.borrow().connection {
            State::Waiting { why, .. } | State::Stopped { why } => why.sentence.clone(),
            State::Connecting | State::Ready => "there is no connection yet".to_owned(),
        };
        // Whoever asked and does not wait any more does not need the answer.
        let _ = answer.send(Outcome::Later {
            why,
            uncertain: false,
            after: None,
        });
    }

    pub(super) fn wants(&mut self, join: Join) {
        let state = match &self.states.borrow().connection {
            State::Ready => State::Connecting,
            same => same.clone(),
        };
        self.room_is(&join.room, state);
        self.rooms.entry(join.room).or_insert(join.since);
    }

    pub(super) fn wants_no_more(&mut self, room: &str) {
        self.rooms.remove(room);
        self.listened.remove(room);
        self.states
            .send_modify(|states| drop(states.rooms.remove(room)));
    }

    /// The rooms as the machine is told of them.
    pub(super) fn join_of(&self, room: &str, key: Option<irc::Secret>) -> irc::Join {
        let since = self.rooms.get(room).and_then(Option::as_ref);
        irc::Join {
            room: room.to_owned(),
            key,
            since_ms: since.map(|since| since.at_unix_ms),
            since_id: since.and_then(|since| since.id.clone()),
            // A room that is new to this relay has its mark at this very moment.
            was_away: self.listened.contains(room)
                || since.is_some_and(|since| now_unix_ms() - since.at_unix_ms > NEW_MS),
        }
    }

    pub(super) fn said(&mut self, said: irc::Said) {
        let replayed = said.replayed;
        let message = outcome::message(&self.name, said, now_unix_ms());
        let mark = Mark {
            id: message.id.clone(),
            at_unix_ms: message.at_unix_ms,
        };
        if let Some(known) = self.rooms.get_mut(&message.room) {
            *known = Some(mark);
        }
        self.tell(Event::Said {
            message: Box::new(message),
            replayed,
        });
    }

    pub(super) fn joined(&mut self, room: &str) {
        if let Some(known) = self.rooms.get_mut(room) {
            // From now on whatever is missed can be asked for.
            known.get_or_insert_with(|| Mark {
                id: None,
                at_unix_ms: now_unix_ms(),
            });
        }
        self.listened.insert(room.to_owned());
        self.room_is(room, State::Ready);
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.pending.push_back(event);
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether there is room for what further lines may bring.
    pub(super) fn may_read(&self) -> bool {
        self.pending.len() < PENDING_MAX
    }

    pub(super) fn next_pending(&mut self) -> Option<Event> {
        self.pending.pop_front()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut States)) {
        self.states.send_modify(change);
    }

    pub(super) fn room_is(&self, room: &str, state: State) {
        self.change(|states| {
            states.rooms.insert(room.to_owned(), state);
        });
    }

    /// Nobody can speak, for this reason; until then, or until somebody changes something.
    pub(super) fn is_away(&self, why: &Why, until_unix_ms: Option<i64>) {
        let state = match until_unix_ms {
            Some(until_unix_ms) => State::Waiting {
                why: why.clone(),
                until_unix_ms,
            },
            None => State::Stopped { why: why.clone() },
        };
        tracing::warn!(
            side = self.name,
            why = why.to_string(),
            stopped = until_unix_ms.is_none(),
            "away"
        );
        self.trouble(why.clone(), |states| {
            for room in states.rooms.values_mut() {
                *room = state.clone();
            }
            states.connection = state;
        });
    }

    /// Something went wrong, and this is how things are now: both are seen at once.
    pub(super) fn trouble(&self, why: Why, change: impl FnOnce(&mut States)) {
        let trouble = Trouble {
            at_unix_ms: now_unix_ms(),
            why,
        };
        self.change(|states| {
            states.last_trouble = Some(trouble);
            change(states);
        });
    }

    pub(super) fn is_connecting(&self) {
        self.change(|states| {
            for room in states.rooms.values_mut() {
                *room = State::Connecting;
            }
            states.connection = State::Connecting;
        });
    }
}
