//! Into rooms, and back into them. It must never give up a room that somebody may open again.

use super::room::{Reading, Room, RoomState, Since};
use super::unwelcome::{self, Again};
use super::{Join, Session};
use crate::event::{Event, NotIn};
use crate::line::{Line, write};

/// Rooms of one `JOIN`, and its bytes.
const TOGETHER_MAX: usize = 8;
const TOGETHER_BYTES_MAX: usize = 400;

/// Longest name of a room. Servers take less; a line takes no more.
const NAME_BYTES_MAX: usize = 200;

/// How long a join is waited for, in milliseconds.
const JOIN_MS: i64 = 30_000;

/// After so long in a room the next trouble counts as the first, in milliseconds.
const SETTLED_MS: i64 = 600_000;

impl Session {
    /// Is to be in a room, from the registration on.
    pub fn join(&mut self, now: i64, join: Join) {
        if !is_name(&join.room) {
            let not_in = NotIn {
                why: format!("`{}` is no name of a room", join.room.escape_debug()),
                room: join.room,
                remedy: Some(
                    "rooms of IRC are called `#name`, without blanks and commas".to_owned(),
                ),
                again_at_ms: None,
            };
            return self.events.push_back(Event::NotIn(not_in));
        }
        if self.room_index(&join.room).is_none() {
            self.rooms.push(Room::new(join, now));
        }
        self.tick_rooms(now);
    }

    /// Leaves a room.
    pub fn leave(&mut self, room: &str) {
        let Some(index) = self.room_index(room) else {
            return;
        };
        let room = self.rooms.remove(index);
        if room.is_in_or_reading() {
            self.push("PART", &[&room.name]);
        }
    }

    /// Whether it is in a room, and through with its history.
    pub fn is_in(&self, room: &str) -> bool {
        self.room_index(room)
            .is_some_and(|index| self.rooms[index].is_in())
    }

    pub(super) fn tick_rooms(&mut self, now: i64) {
        if !self.is_ready() {
            return;
        }
        let mut together: Vec<String> = Vec::new();
        let mut with_key = Vec::new();
        let mut unanswered = Vec::new();
        for (index, room) in self.rooms.iter_mut().enumerate() {
            match room.state {
                RoomState::Out { again_at: Some(at) } if at <= now => {
                    room.state = RoomState::Joining {
                        until: now + JOIN_MS,
                    };
                    match &room.key {
                        Some(key) => with_key.push((room.name.clone(), key.clone())),
                        None => together.push(room.name.clone()),
                    }
                }
                RoomState::Joining { until } if until <= now => unanswered.push(index),
                _ => {}
            }
        }
        for (name, key) in with_key {
            self.push("JOIN", &[&name, key.expose()]);
        }
        for names in lists(&together) {
            self.push("JOIN", &[&names]);
        }
        for index in unanswered {
            self.not_in(
                now,
                index,
                "the server does not answer the join",
                None,
                Again::Growing,
            );
        }
    }

    pub(super) fn rooms_deadline(&self) -> Option<i64> {
        if !self.is_ready() {
            return None;
        }
        let due = |room: &Room| match room.state {
            RoomState::Out { again_at } => again_at,
            RoomState::Joining { until } => Some(until),
            _ => None,
        };
        self.rooms.iter().filter_map(due).min()
    }

    /// Queues a line of ours that waits its turn, and gives its number there.
    pub(super) fn push(&mut self, command: &str, params: &[&str]) -> Option<u64> {
        let line = write(command, params).ok()?;
        Some(self.queue.push(line, None))
    }

    /// This client came into a room.
    pub(super) fn i_joined(&mut self, now: i64, line: &Line) {
        if let Some(source) = &line.source
            && let (Some(user), Some(host)) = (&source.user, &source.host)
        {
            self.mask = Some((user.clone(), host.clone()));
        }
        let Some(index) = self.room_index(line.param(0)) else {
            // Sent on to a room that nobody asked for.
            return self.urgent("PART", &[line.param(0)]);
        };
        if self.rooms[index].is_in_or_reading() {
            return;
        }
        let token = self.number();
        let until = now + self.settings.times.history_ms;
        let room = &mut self.rooms[index];
        room.joined_at = line.tag("time").and_then(crate::time::parse).unwrap_or(now);
        room.identities = crate::identity::Identities::default();
        room.own.clear();
        room.forget_members();
        room.state = RoomState::Reading(Reading {
            until,
            asked: None,
            token,
            past: Vec::new(),
            live: Vec::new(),
            pages: 0,
            page_len: 0,
            newest: None,
            oldest_ms: None,
            is_kept: false,
            overflowed: false,
        });
        self.read_history(index);
    }

    /// Through with the history.
    pub(super) fn i_am_in(&mut self, index: usize) {
        let room = &mut self.rooms[index];
        room.state = RoomState::In;
        room.was_away = true;
        room.was_in = true;
        if room.since.is_none() {
            // Whatever is missed from now on can be asked for.
            room.since = Some(Since {
                at_ms: room.joined_at,
                id: None,
            });
        }
        let room = room.name.clone();
        self.events.push_back(Event::Joined { room });
    }

    /// This client is out of a room against its will.
    pub(super) fn i_am_out(&mut self, now: i64, index: usize, why: &str) {
        self.flush_reading(index);
        let room = &mut self.rooms[index];
        if now - room.joined_at > SETTLED_MS {
            room.wait_ms = 0;
        }
        let name = room.name.clone();
        self.lost_room(&name, why);
        self.not_in(
            now,
            index,
            why,
            Some("ask the operators of the room"),
            Again::Growing,
        );
    }

    /// Takes the number of a refused join.
    pub(super) fn take_join_error(&mut self, now: i64, code: u16, line: &Line) {
        let identifies_late = self.settings.nickserv.is_some();
        let Some(index) = self.room_index(line.param(1)) else {
            return;
        };
        let Some(unwelcome) = unwelcome::of(code, identifies_late) else {
            return;
        };
        if !matches!(self.rooms[index].state, RoomState::Joining { .. }) {
            return;
        }
        let why = format!("{} ({code}: {})", unwelcome.what, line.last());
        self.not_in(now, index, &why, Some(unwelcome.remedy), unwelcome.again);
    }

    fn not_in(&mut self, now: i64, index: usize, why: &str, remedy: Option<&str>, again: Again) {
        let times = self.settings.times;
        let room = &mut self.rooms[index];
        room.wait_ms = (room.wait_ms * 2).clamp(times.rejoin_ms, times.rejoin_max_ms);
        let again_at = match again {
            Again::Growing => Some(now + room.wait_ms),
            Again::Slowly => Some(now + times.rejoin_max_ms),
            Again::Never => None,
        };
        room.state = RoomState::Out { again_at };
        let not_in = NotIn {
            room: room.name.clone(),
            why: why.to_owned(),
            remedy: remedy.map(str::to_owned),
            again_at_ms: again_at,
        };
        self.events.push_back(Event::NotIn(not_in));
    }

    /// Somebody opened a room to this client.
    pub(super) fn take_invite(&mut self, now: i64, line: &Line) {
        let Some(index) = self.room_index(line.param(1)) else {
            return;
        };
        if self.is_me(line.param(0)) && matches!(self.rooms[index].state, RoomState::Out { .. }) {
            self.rooms[index].state = RoomState::Out {
                again_at: Some(now),
            };
            self.tick_rooms(now);
        }
    }
}

/// Whether a name is one of a room: `JOIN` takes a list, in which a comma would begin another name, and `0` for leaving all rooms.
fn is_name(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_ascii_punctuation() && c != ':' && c != ',');
    begins
        && name.len() <= NAME_BYTES_MAX
        && !name.contains(|c: char| c == ',' || c == ' ' || c.is_control())
}

/// Names joined by commas, as many as one line takes.
fn lists(names: &[String]) -> Vec<String> {
    let mut lists: Vec<(usize, String)> = Vec::new();
    for name in names {
        match lists.last_mut() {
            Some((count, list))
                if *count < TOGETHER_MAX && list.len() + name.len() < TOGETHER_BYTES_MAX =>
            {
                *count += 1;
                list.push(',');
                list.push_str(name);
            }
            _ => lists.push((1, name.clone())),
        }
    }
    lists.into_iter().map(|(_, list)| list).collect()
}
