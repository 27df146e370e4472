//! One connection to a server, from the first line to the last.
//!
//! It must never send a line that its caller's text could have made longer or more than one, and never leave a message without a proof.

mod alive;
mod capabilities;
mod hear;
mod history;
mod joining;
mod presence;
mod proofs;
mod refusal;
mod register;
mod room;
mod speak;
mod unwelcome;

use std::collections::{BTreeMap, VecDeque};

use crate::ending::Ending;
use crate::event::{Event, Kind};
use crate::isupport::Isupport;
use crate::line::{Line, Source, write};
use crate::names::Names;
use crate::numeric;
use crate::queue::Queue;
use crate::secret::Secret;
use crate::settings::Settings;

pub(crate) use history::HISTORY_MODE;

use alive::Alive;
use capabilities::Capabilities;
use history::Batch;
use proofs::UnderWay;
use register::Phase;
use room::Room;

/// A room to be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The channel's name.
    pub room: String,
    /// Its key.
    pub key: Option<Secret>,
    /// The time of the newest message that was taken from it, in milliseconds since 1970: what the server tells of later ones is told.
    /// Without one nothing is told that was said before the join.
    pub since_ms: Option<i64>,
    /// That message's id.
    pub since_id: Option<String>,
    /// Whether it was listened to before: what was said since then counts as missed where the server keeps no history.
    pub was_away: bool,
}

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    /// What its proof is told by.
    pub key: u64,
    /// The room.
    pub room: String,
    /// As what: [`Kind::Action`], [`Kind::Notice`], anything else as a text.
    pub kind: Kind,
    /// The text, one line.
    pub text: String,
    /// The message that it replies to, by its id.
    pub reply_to: Option<String>,
    /// When it was said before without a proof, in milliseconds since 1970: it is looked for in the history, where there is one.
    pub begun_ms: Option<i64>,
    /// The id of the message said to that room before it, where that is known: it stands behind that one in the history.
    pub behind: Option<String>,
}

/// One connection as a state machine.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    phase: Phase,
    names: Names,
    /// The nickname in fact.
    nick: String,
    /// User and host, as others see them.
    mask: Option<(String, String)>,
    account: Option<String>,
    /// Since when the server runs, in its own words.
    created: Option<String>,
    capabilities: Capabilities,
    isupport: Isupport,
    queue: Queue,
    events: VecDeque<Event>,
    rooms: Vec<Room>,
    under_way: Vec<UnderWay>,
    batches: BTreeMap<String, Batch>,
    alive: Alive,
    /// When the wanted nickname is tried again.
    regain_at: Option<i64>,
    /// When a stranger's request was last answered.
    answered_at: Option<i64>,
    /// Numbers for tokens and labels.
    counter: u64,
}

impl Session {
    /// Begins: the first lines are there to be sent.
    pub fn new(settings: Settings, now: i64) -> Self {
        let mut names = Names::new(&settings.nick, &settings.alternatives);
        let nick = names.next().unwrap_or_default();
        let mut session = Self {
            queue: Queue::new(settings.flood),
            phase: Phase::Registering { since: now },
            names,
            nick,
            mask: None,
            account: None,
            created: None,
            capabilities: Capabilities::default(),
            isupport: Isupport::default(),
            events: VecDeque::new(),
            rooms: Vec::new(),
            under_way: Vec::new(),
            batches: BTreeMap::new(),
            alive: Alive::new(now),
            regain_at: None,
            answered_at: None,
            counter: 0,
            settings,
        };
        session.begin();
        session
    }

    /// Takes a line that arrived, without its end. Lines that cannot be read are passed over.
    pub fn receive(&mut self, now: i64, bytes: &[u8]) {
        if self.is_over() {
            return;
        }
        self.alive.heard(now);
        if let Ok(line) = Line::parse(bytes) {
            self.take(now, &line);
        }
    }

    /// Does what is due.
    pub fn tick(&mut self, now: i64) {
        if self.is_over() {
            return;
        }
        self.tick_register(now);
        self.tick_alive(now);
        self.tick_rooms(now);
        self.tick_history(now);
        self.tick_proofs(now);
    }

    /// When [`Self::tick`] or [`Self::poll_send`] is to be called at the latest, if nothing happens before.
    pub fn next_deadline(&self, now: i64) -> Option<i64> {
        if self.is_over() {
            return None;
        }
        let all = [
            self.register_deadline(),
            self.alive_deadline(),
            self.rooms_deadline(),
            self.history_deadline(),
            self.proofs_deadline(),
            self.queue.free_at(now),
        ];
        all.into_iter().flatten().min()
    }

    /// The next line that may leave now, without its end.
    pub fn poll_send(&mut self, now: i64) -> Option<String> {
        match self.queue.pop(now) {
            Some((line, key)) => {
                if let Some(key) = key {
                    self.has_left(now, key);
                }
                Some(line)
            }
            None => self.ask_for_proof(now),
        }
    }

    /// What happened next.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The connection is gone, for a reason in one sentence. Everything under way has its proof then.
    pub fn closed(&mut self, why: &str) {
        self.end(Ending::lost(why));
    }

    /// Says goodbye; the server closes.
    pub fn quit(&mut self, reason: &str) {
        if !self.is_over() {
            self.urgent("QUIT", &[reason]);
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    fn end(&mut self, ending: Ending) {
        if self.is_over() {
            return;
        }
        self.phase = Phase::Over;
        self.prove_all_at_the_end(&ending.sentence);
        self.events.push_back(Event::Ended(ending));
    }

    fn take(&mut self, now: i64, line: &Line) {
        if let Some(code) = line.numeric() {
            return self.take_numeric(now, code, line);
        }
        match line.command.as_str() {
            "PING" => self.urgent("PONG", &[line.last()]),
            "PONG" => self.take_pong(now, line.last()),
            "PRIVMSG" => self.take_said(now, line, false),
            "NOTICE" => self.take_said(now, line, true),
            "JOIN" => self.take_join(now, line),
            "PART" => self.take_part(now, line),
            "KICK" => self.take_kick(now, line),
            "QUIT" => self.take_quit(now, line),
            "NICK" => self.take_nick(now, line),
            "TOPIC" => self.take_topic(line),
            "INVITE" => self.take_invite(now, line),
            "KILL" => self.take_kill(line),
            "CHGHOST" => self.take_chghost(line),
            "CAP" => self.take_cap(line),
            "AUTHENTICATE" => self.take_authenticate(line),
            "BATCH" => self.take_batch(now, line),
            "ACK" => self.take_ack(line),
            "FAIL" => self.take_fail(line),
            "ERROR" => self.end(Ending::of_error(line.last())),
            _ => {}
        }
    }

    fn take_numeric(&mut self, now: i64, code: u16, line: &Line) {
        if self.take_registration(now, code, line) || self.take_login(code, line) {
            return;
        }
        match code {
            numeric::RPL_ISUPPORT => self.isupport.take(&line.params),
            numeric::RPL_CHANNELMODEIS => self.take_modes(line),
            numeric::RPL_NAMREPLY => self.take_names(line),
            _ if self.take_send_error(code, line) => {}
            _ => self.take_join_error(now, code, line),
        }
    }

    fn take_kill(&mut self, line: &Line) {
        if self.is_me(line.param(0)) {
            let by = line
                .source
                .as_ref()
                .map_or("the server", |source| source.name.as_str());
            self.end(Ending::killed(by, line.last()));
        }
    }

    fn take_chghost(&mut self, line: &Line) {
        if self.is_mine(line.source.as_ref()) {
            self.mask = Some((line.param(0).to_owned(), line.param(1).to_owned()));
        }
    }

    fn is_me(&self, nick: &str) -> bool {
        self.isupport.casemapping.same(nick, &self.nick)
    }

    fn is_mine(&self, source: Option<&Source>) -> bool {
        source.is_some_and(|source| self.is_me(&source.name))
    }

    fn room_index(&self, name: &str) -> Option<usize> {
        let mapping = self.isupport.casemapping;
        self.rooms
            .iter()
            .position(|room| mapping.same(&room.name, name))
    }

    fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Queues a line of ours before all others. A parameter of others' making that would break it is left unanswered.
    fn urgent(&mut self, command: &str, params: &[&str]) {
        if let Ok(line) = write(command, params) {
            self.queue.urgent(line);
        }
    }

    fn note(&mut self, sentence: impl Into<String>) {
        self.events.push_back(Event::Note(sentence.into()));
    }
}

#[cfg(test)]
mod tests;
