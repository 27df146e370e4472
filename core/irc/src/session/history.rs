//! What was said while this client was away, as far as the server tells it: by request (`draft/chathistory`), or unasked after the join
//! (`+H` of `InspIRCd`, the playback of bouncers). What is said meanwhile is held back, so that the order stays.
//!
//! It must never hold more than its bound, and never leave out something without saying so.

use super::Session;
use super::room::{Reading, Room, RoomState, Since};
use crate::event::{Event, Said};
use crate::line::Line;
use crate::time;

/// Messages of one room that are held while its history comes.
const HELD_MAX: usize = 4_000;

/// Pages that are asked for, and messages of a page where the server names no limit.
const PAGES_MAX: u32 = 40;
const PAGE: usize = 100;

/// Batches that are open at once.
const BATCHES_MAX: usize = 64;

/// The mode by which `InspIRCd` keeps a room's history.
pub(crate) const HISTORY_MODE: char = 'H';

/// How far before the newest known message is asked, in milliseconds, to find what this client itself said last without a proof.
const OVERLAP_MS: i64 = 120_000;

const NO_HISTORY: &str =
    "the server keeps no history of the room, so that nobody knows what was said meanwhile";
const FORGOTTEN: &str = "the server was restarted, or is another one, and its history of the room does not reach back to what was heard \
                         last, so that nobody knows what was said meanwhile";

/// Several lines that belong together.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    is_history: bool,
    room: String,
    pub(super) label: Option<String>,
}

impl Session {
    pub(super) fn take_batch(&mut self, now: i64, line: &Line) {
        if let Some(name) = line.param(0).strip_prefix('+') {
            let kind = line.param(1);
            let batch = Batch {
                is_history: kind.contains("history") || kind.contains("playback"),
                room: line.param(2).to_owned(),
                label: line.tag("label").map(str::to_owned),
            };
            if self.batches.len() < BATCHES_MAX {
                self.batches.insert(name.to_owned(), batch);
            }
        } else if let Some(name) = line.param(0).strip_prefix('-')
            && let Some(batch) = self.batches.remove(name)
        {
            if let Some(label) = &batch.label {
                self.label_answered(label);
            }
            if batch.is_history {
                self.page_over(now, &batch.room);
            }
        }
    }

    /// Whether a line belongs to a history that is being told.
    pub(super) fn is_history(&self, line: &Line) -> bool {
        let batch = line.tag("batch").and_then(|name| self.batches.get(name));
        batch.is_some_and(|batch| batch.is_history)
    }

    /// Asks for the history of a room that was just joined, or for the end of what comes unasked.
    pub(super) fn read_history(&mut self, index: usize) {
        let asks = self.capabilities.has("draft/chathistory") && self.capabilities.has("batch");
        let room = &mut self.rooms[index];
        let RoomState::Reading(reading) = &mut room.state else {
            return;
        };
        if let (Some(since), true) = (&room.since, asks) {
            let from = since.at_ms - OVERLAP_MS;
            self.ask_page(index, from);
        } else {
            let (name, token) = (room.name.clone(), format!("past-{}", reading.token));
            if self.isupport.keeps_history {
                // Whether it does so in this room stands in the room's modes.
                self.push("MODE", &[&name]);
            }
            let asked = self.push("PING", &[&token]);
            self.asked_by(index, asked);
        }
    }

    fn asked_by(&mut self, index: usize, line: Option<u64>) {
        if let RoomState::Reading(reading) = &mut self.rooms[index].state {
            reading.asked = line;
        }
    }

    fn page_len(&self) -> usize {
        self.isupport.chathistory_max.unwrap_or(PAGE).min(PAGE)
    }

    fn ask_page(&mut self, index: usize, after_ms: i64) {
        let limit = self.page_len().to_string();
        let room = &mut self.rooms[index];
        let RoomState::Reading(reading) = &mut room.state else {
            return;
        };
        reading.pages += 1;
        reading.page_len = 0;
        reading.oldest_ms = None;
        let name = room.name.clone();
        let from = format!("timestamp={}", time::format(after_ms));
        let asked = self.push("CHATHISTORY", &["AFTER", &name, &from, &limit]);
        self.asked_by(index, asked);
    }

    /// A page has ended: there is another one, or that was all.
    fn page_over(&mut self, now: i64, room: &str) {
        let limit = self.page_len();
        let until = now + self.settings.times.history_ms;
        let Some(index) = self.room_index(room) else {
            return;
        };
        let RoomState::Reading(reading) = &mut self.rooms[index].state else {
            return;
        };
        // What comes unasked has no pages; the answer to the ping ends it.
        if reading.pages == 0 {
            return;
        }
        let next = reading.next_page();
        let is_full = reading.page_len >= limit;
        reading.overflowed |= is_full && reading.pages >= PAGES_MAX;
        if let (Some(next), true) = (next, is_full && reading.pages < PAGES_MAX) {
            reading.until = until;
            return self.ask_page(index, next);
        }
        self.reading_over(index);
    }

    /// The answer to the ping behind the join: what comes unasked has come.
    pub(super) fn past_is_over(&mut self, token: u64) {
        let is_it = |state: &RoomState| matches!(state, RoomState::Reading(reading) if reading.token == token);
        if let Some(index) = self.rooms.iter().position(|room| is_it(&room.state)) {
            self.reading_over(index);
        }
    }

    pub(super) fn history_deadline(&self) -> Option<i64> {
        let until = |state: &RoomState| match state {
            RoomState::Reading(reading) => Some(reading.until),
            _ => None,
        };
        self.rooms
            .iter()
            .filter_map(|room| until(&room.state))
            .min()
    }

    pub(super) fn tick_history(&mut self, now: i64) {
        let history_ms = self.settings.times.history_ms;
        for index in 0..self.rooms.len() {
            let RoomState::Reading(reading) = &mut self.rooms[index].state else {
                continue;
            };
            if reading.asked.is_some_and(|line| self.queue.holds(line)) {
                // The server cannot answer what has not left: with many rooms that takes longer than any answer.
                reading.until = now + history_ms;
            } else if reading.until <= now {
                let room = self.rooms[index].name.clone();
                let why = "the server did not finish telling the room's history".to_owned();
                self.events.push_back(Event::Missed { room, why });
                self.reading_over(index);
            }
        }
    }

    /// The server refused a request for history.
    pub(super) fn history_refused(&mut self, room: &str, why: &str) {
        let Some(index) = self.room_index(room) else {
            return;
        };
        if matches!(self.rooms[index].state, RoomState::Reading(_)) {
            let room = self.rooms[index].name.clone();
            let why = format!("the server does not tell the room's history: {why}");
            self.events.push_back(Event::Missed { room, why });
            self.reading_over(index);
        }
    }

    /// Counts a message of the page under way.
    pub(super) fn note_progress(&mut self, index: usize, line: &Line, at_ms: i64) {
        if let RoomState::Reading(reading) = &mut self.rooms[index].state {
            let id = line.tag("msgid").map(str::to_owned);
            reading.count(Some(at_ms), id);
        }
    }

    /// Keeps a message until the history is through.
    pub(super) fn hold(&mut self, index: usize, said: Said) {
        let RoomState::Reading(reading) = &mut self.rooms[index].state else {
            return;
        };
        if said.replayed {
            reading.count(said.at_ms, said.id.clone());
        }
        let is_known = |held: &Said| held.id.is_some() && held.id == said.id;
        if said.replayed && reading.past.iter().rev().take(PAGE).any(is_known) {
            return;
        }
        let held = if said.replayed {
            &mut reading.past
        } else {
            &mut reading.live
        };
        if held.len() < HELD_MAX {
            held.push(said);
        } else {
            reading.overflowed = true;
        }
    }

    /// The modes of a room that was just joined.
    pub(super) fn take_modes(&mut self, line: &Line) {
        let Some(index) = self.room_index(line.param(1)) else {
            return;
        };
        if let RoomState::Reading(reading) = &mut self.rooms[index].state {
            reading.is_kept = line.param(2).contains(HISTORY_MODE);
        }
    }

    fn reading_over(&mut self, index: usize) {
        if let Some(why) = self.gap(index) {
            let (room, why) = (self.rooms[index].name.clone(), why.to_owned());
            self.events.push_back(Event::Missed { room, why });
        }
        self.flush_reading(index);
        self.i_am_in(index);
    }

    /// Why nobody knows what was said in a room before this client came in, where that is so.
    fn gap(&self, index: usize) -> Option<&'static str> {
        let room = &self.rooms[index];
        let RoomState::Reading(reading) = &room.state else {
            return None;
        };
        if !room.was_away {
            return None;
        }
        if !reading.has_history() {
            return Some(NO_HISTORY);
        }
        let (before, now) = (self.settings.created_before.as_ref(), self.created.as_ref());
        let is_another = before.is_some() && now.is_some() && before != now;
        let since = room.since.as_ref()?;
        // A history that is only short, or of a room where nobody speaks, need not hold the mark.
        let may_be_forgotten =
            is_another && !room.was_in && reading.is_whole() && since.id.is_some();
        (may_be_forgotten && !room.reaches_back(reading, since)).then_some(FORGOTTEN)
    }

    /// Tells what was held: of the history what is new, then what was said meanwhile.
    pub(super) fn flush_reading(&mut self, index: usize) {
        let room = &mut self.rooms[index];
        let RoomState::Reading(reading) =
            std::mem::replace(&mut room.state, RoomState::Out { again_at: None })
        else {
            return;
        };
        let name = room.name.clone();
        let fresh = match &room.since {
            Some(since) => newer(reading.past, since),
            None => Vec::new(),
        };
        if reading.overflowed {
            let why = "more was said than the server's history or this relay holds".to_owned();
            self.events.push_back(Event::Missed { room: name, why });
        }
        for said in fresh.into_iter().chain(reading.live) {
            self.told(index, &said);
            self.events.push_back(Event::Said(said));
        }
    }
}

impl Room {
    /// Whether what the server told of the past begins at or before a place.
    fn reaches_back(&self, reading: &Reading, since: &Since) -> bool {
        let second = since.at_ms.div_euclid(1000);
        let others = reading.past.iter().map(|said| (said.at_ms, &said.id));
        let own = self.own.iter().map(|own| (Some(own.at_ms), &own.id));
        let is_before = |at_ms: Option<i64>| at_ms.is_some_and(|at| at.div_euclid(1000) <= second);
        others
            .chain(own)
            .any(|(at_ms, id)| *id == since.id || is_before(at_ms))
    }
}

impl Reading {
    /// Whether the server tells a history that does not depend on who was away for how long, as bouncers' do.
    fn is_whole(&self) -> bool {
        self.is_kept || self.pages > 0
    }

    /// Whether the server tells what was said while nobody listened, as far as that can be seen.
    fn has_history(&self) -> bool {
        self.is_kept || self.pages > 0 || self.newest.is_some()
    }

    /// The time behind which the next page begins. Messages of one moment may stand on both sides of a page's end; those that are told
    /// twice by that have the same id.
    fn next_page(&self) -> Option<i64> {
        let newest_ms = self.newest.as_ref()?.at_ms;
        let is_one_moment = self.oldest_ms == Some(newest_ms);
        Some(if is_one_moment {
            newest_ms
        } else {
            newest_ms - 1
        })
    }

    fn count(&mut self, at_ms: Option<i64>, id: Option<String>) {
        self.page_len += 1;
        if let Some(at_ms) = at_ms {
            self.oldest_ms.get_or_insert(at_ms);
            self.newest = Some(Since { at_ms, id });
        }
    }
}

/// What of a history lies behind a place in it. Its times may be whole seconds, so what was said in the same second is told again; whoever
/// takes it knows it by its id.
fn newer(past: Vec<Said>, since: &Since) -> Vec<Said> {
    let is_mark = |said: &Said| said.id.is_some() && said.id == since.id;
    if let Some(found) = past.iter().rposition(is_mark) {
        return past.into_iter().skip(found + 1).collect();
    }
    let second = since.at_ms.div_euclid(1000);
    let is_newer = |said: &Said| said.at_ms.is_some_and(|at| at.div_euclid(1000) >= second);
    past.into_iter().filter(is_newer).collect()
}
