//! Who comes, leaves, changes a nickname or sets a topic. It must never take somebody's leaving for this client's own, nor the reverse.

use super::Session;
use crate::event::{Kind, Said};
use crate::line::Line;

impl Session {
    pub(super) fn take_join(&mut self, now: i64, line: &Line) {
        if self.is_mine(line.source.as_ref()) {
            return self.i_joined(now, line);
        }
        let (Some(index), Some(source)) = (self.room_index(line.param(0)), &line.source) else {
            return;
        };
        if self.settings.presence {
            let small = self.isupport.casemapping.fold(&source.name);
            self.rooms[index].add_member(small);
            self.present(index, line, Kind::Join, "");
        }
    }

    pub(super) fn take_part(&mut self, now: i64, line: &Line) {
        let Some(index) = self.room_index(line.param(0)) else {
            return;
        };
        if self.is_mine(line.source.as_ref()) {
            if self.rooms[index].is_in_or_reading() {
                self.i_am_out(now, index, "taken out of the room");
            }
            return;
        }
        let why = if line.params.len() > 1 {
            line.last()
        } else {
            ""
        };
        self.left(index, line, why);
    }

    pub(super) fn take_kick(&mut self, now: i64, line: &Line) {
        let Some(index) = self.room_index(line.param(0)) else {
            return;
        };
        let by = line
            .source
            .as_ref()
            .map_or("the server", |source| source.name.as_str());
        let reason = line.param(2);
        if self.is_me(line.param(1)) {
            return self.i_am_out(now, index, &format!("kicked by {by}: {reason}"));
        }
        let gone = Line {
            source: Some(crate::line::Source::parse(line.param(1))),
            ..line.clone()
        };
        self.left(index, &gone, &format!("kicked by {by}: {reason}"));
    }

    pub(super) fn take_quit(&mut self, now: i64, line: &Line) {
        let Some(source) = &line.source else {
            return;
        };
        self.freed(now, &source.name);
        for index in 0..self.rooms.len() {
            self.left(index, line, line.last());
        }
    }

    pub(super) fn take_nick(&mut self, now: i64, line: &Line) {
        let Some(source) = &line.source else {
            return;
        };
        let new = line.param(0);
        if self.is_me(&source.name) {
            return self.my_nick_is(now, new);
        }
        self.freed(now, &source.name);
        let mapping = self.isupport.casemapping;
        for index in 0..self.rooms.len() {
            if !self.rooms[index].remove_member(&mapping.fold(&source.name)) {
                continue;
            }
            self.rooms[index].add_member(mapping.fold(new));
            self.present(index, line, Kind::Leave, &format!("is now {new}"));
        }
    }

    pub(super) fn take_topic(&mut self, line: &Line) {
        let Some(index) = self.room_index(line.param(0)) else {
            return;
        };
        if !self.is_mine(line.source.as_ref()) && self.settings.presence {
            self.present(index, line, Kind::Topic, line.last());
        }
    }

    /// Notes who is in a room.
    pub(super) fn take_names(&mut self, line: &Line) {
        let Some(index) = self
            .room_index(line.param(2))
            .filter(|_| self.settings.presence)
        else {
            return;
        };
        let prefixes: Vec<char> = self.isupport.prefixes.chars().collect();
        for name in line.last().split_whitespace() {
            let nick = name.trim_start_matches(prefixes.as_slice());
            let nick = nick.split_once('!').map_or(nick, |(nick, _)| nick);
            let small = self.isupport.casemapping.fold(nick);
            self.rooms[index].add_member(small);
        }
    }

    /// Somebody left a room, where they were in it.
    fn left(&mut self, index: usize, line: &Line, why: &str) {
        let Some(source) = &line.source else {
            return;
        };
        let small = self.isupport.casemapping.fold(&source.name);
        if self.rooms[index].remove_member(&small) {
            self.present(index, line, Kind::Leave, why);
        }
    }

    fn present(&mut self, index: usize, line: &Line, kind: Kind, text: &str) {
        let Some(source) = &line.source else {
            return;
        };
        let said = Said {
            room: self.rooms[index].name.clone(),
            nick: source.name.clone(),
            account: line.tag("account").map(str::to_owned),
            kind,
            text: crate::format::plain(text),
            at_ms: line.tag("time").and_then(crate::time::parse),
            id: line.tag("msgid").map(str::to_owned),
            reply_to: None,
            replayed: false,
        };
        self.tell(index, said);
    }
}
