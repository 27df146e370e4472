//! What is known of one room. It must never hold more than a bounded part of what was said in it.

use std::collections::{BTreeSet, VecDeque};

use crate::event::Said;
use crate::identity::Identities;
use crate::secret::Secret;
use crate::session::Join;

/// Own messages of the history that are remembered, to recognise one whose proof did not come.
const OWN_MAX: usize = 256;

/// Members whose presence is followed, in one room.
const MEMBERS_MAX: usize = 10_000;

/// One room.
#[derive(Debug)]
pub(super) struct Room {
    /// As it was asked for.
    pub(super) name: String,
    pub(super) key: Option<Secret>,
    pub(super) since: Option<Since>,
    /// Whether somebody may have spoken between the last listening and the next.
    pub(super) was_away: bool,
    /// Whether this session was in it before.
    pub(super) was_in: bool,
    pub(super) state: RoomState,
    /// The last wait before a join, in milliseconds; 0 where none was needed.
    pub(super) wait_ms: i64,
    pub(super) joined_at: i64,
    pub(super) identities: Identities,
    pub(super) own: VecDeque<OwnSaid>,
    /// Small forms of nicknames.
    members: BTreeSet<String>,
    /// How often in a row the server refused the same text without a reason that is known.
    pub(super) refused: (String, u32),
}

/// A place in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Since {
    pub(super) at_ms: i64,
    pub(super) id: Option<String>,
}

/// Something that this client said, as the history tells it.
#[derive(Debug, Clone)]
pub(super) struct OwnSaid {
    pub(super) at_ms: i64,
    pub(super) text: String,
    pub(super) id: Option<String>,
}

/// How a room goes.
#[derive(Debug)]
pub(super) enum RoomState {
    /// Not in it; to be joined then, or never.
    Out { again_at: Option<i64> },
    /// Asked for; given up then.
    Joining { until: i64 },
    /// In it, while the server tells of its history.
    Reading(Reading),
    /// In it.
    In,
}

/// The history on its way.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) until: i64,
    /// The number of the line that asks for it.
    pub(super) asked: Option<u64>,
    /// The answer to this ends it.
    pub(super) token: u64,
    /// What came from the history, in its order.
    pub(super) past: Vec<Said>,
    /// What was said meanwhile.
    pub(super) live: Vec<Said>,
    /// Pages asked for.
    pub(super) pages: u32,
    /// Messages of the page under way.
    pub(super) page_len: usize,
    /// The newest message of the page under way.
    pub(super) newest: Option<Since>,
    /// The time of the first message of the page under way.
    pub(super) oldest_ms: Option<i64>,
    /// The server says that it keeps the room's history.
    pub(super) is_kept: bool,
    /// Something was left out because it was too much.
    pub(super) overflowed: bool,
}

impl Room {
    pub(super) fn new(join: Join, now: i64) -> Self {
        Self {
            name: join.room,
            was_away: join.was_away,
            was_in: false,
            key: join.key,
            since: join.since_ms.map(|at_ms| Since {
                at_ms,
                id: join.since_id,
            }),
            state: RoomState::Out {
                again_at: Some(now),
            },
            wait_ms: 0,
            joined_at: now,
            identities: Identities::default(),
            own: VecDeque::new(),
            members: BTreeSet::new(),
            refused: (String::new(), 0),
        }
    }

    pub(super) fn is_in(&self) -> bool {
        matches!(self.state, RoomState::In)
    }

    pub(super) fn is_in_or_reading(&self) -> bool {
        matches!(self.state, RoomState::In | RoomState::Reading(_))
    }

    /// Remembers something that this client said.
    pub(super) fn said_by_us(&mut self, own: OwnSaid) {
        if self.own.len() == OWN_MAX {
            self.own.pop_front();
        }
        self.own.push_back(own);
    }

    /// Finds what this client said not before a time, and behind one of its own messages where that is in the history. What has no id
    /// is forgotten then: it proves one message only.
    pub(super) fn take_own(
        &mut self,
        text: &str,
        not_before_ms: i64,
        behind: Option<&str>,
    ) -> Option<OwnSaid> {
        let is_behind = |own: &OwnSaid| behind.is_some() && own.id.as_deref() == behind;
        let first = self.own.iter().position(is_behind).map_or(0, |at| at + 1);
        let fits = |own: &OwnSaid| own.text == text && own.at_ms >= not_before_ms;
        let found = first + self.own.iter().skip(first).position(fits)?;
        if self.own[found].id.is_none() {
            return self.own.remove(found);
        }
        self.own.get(found).cloned()
    }

    pub(super) fn add_member(&mut self, nick: String) {
        if self.members.len() < MEMBERS_MAX {
            self.members.insert(nick);
        }
    }

    pub(super) fn remove_member(&mut self, nick: &str) -> bool {
        self.members.remove(nick)
    }

    pub(super) fn forget_members(&mut self) {
        self.members.clear();
    }
}
