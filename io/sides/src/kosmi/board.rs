//! How the rooms of a side go, joined to one state. It must never call a side ready of which a room is not.

use std::sync::Arc;

use tokio::sync::watch;

use crate::state::{State, States, Trouble, Why};

/// Where the rooms write how they go. A clone writes to the same.
#[derive(Debug, Clone)]
pub(super) struct Board(Arc<watch::Sender<States>>);

impl Board {
    pub(super) fn new(states: watch::Sender<States>) -> Self {
        Self(Arc::new(states))
    }

    /// A room goes so from now on.
    pub(super) fn room(&self, room: &str, state: State) {
        self.0.send_if_modified(|states| {
            if states.rooms.get(room) == Some(&state) {
                return false;
            }
            states.rooms.insert(room.to_owned(), state);
            states.connection = worst(states);
            true
        });
    }

    /// There is no room to be in, and so nothing that is not in order.
    pub(super) fn idle(&self) {
        self.0
            .send_modify(|states| states.connection = State::Ready);
    }

    /// A room is none of the side's any more.
    pub(super) fn gone(&self, room: &str) {
        self.0.send_modify(|states| {
            states.rooms.remove(room);
            states.connection = worst(states);
        });
    }

    /// A connection was made by this way.
    pub(super) fn connected(&self, way: &str) {
        self.0.send_modify(|states| {
            states.way = Some(way.to_owned());
            states.connections += 1;
        });
    }

    /// The side speaks under this name.
    pub(super) fn speaks_as(&self, name: &str) {
        self.0.send_if_modified(|states| {
            let differs = states.speaks_as.as_deref() != Some(name);
            states.speaks_as = Some(name.to_owned());
            differs
        });
    }

    /// Something went wrong.
    pub(super) fn trouble(&self, at_unix_ms: i64, why: Why) {
        self.0
            .send_modify(|states| states.last_trouble = Some(Trouble { at_unix_ms, why }));
    }
}

fn worst(states: &States) -> State {
    let rank = |state: &&State| match state {
        State::Ready => 0,
        State::Connecting => 1,
        State::Waiting { .. } => 2,
        State::Stopped { .. } => 3,
    };
    let worst = states.rooms.values().max_by_key(rank);
    worst.cloned().unwrap_or(State::Ready)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_room_is_the_sides_state() {
        let (states, seen) = watch::channel(States::default());
        let board = Board::new(states);
        board.room("@a", State::Ready);
        assert!(seen.borrow().connection.is_ready());
        board.room("@b", State::Connecting);
        assert!(!seen.borrow().connection.is_ready());
        board.room("@b", State::Ready);
        assert!(seen.borrow().connection.is_ready());
        let why = Why::from("refused");
        board.room("@a", State::Stopped { why });
        assert!(matches!(seen.borrow().connection, State::Stopped { .. }));
        board.gone("@a");
        assert!(seen.borrow().connection.is_ready());
    }
}
