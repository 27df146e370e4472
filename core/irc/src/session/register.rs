//! From the first line to the welcome: password, nickname, user; and the nickname afterwards.
//!
//! It must never take a name from somebody: the wanted one is asked for again only where it was not free.

use super::Session;
use crate::ending::Ending;
use crate::event::Event;
use crate::line::Line;
use crate::numeric;

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not welcomed yet.
    Registering { since: i64 },
    /// Welcomed; what the server says of itself is still coming.
    Welcomed { since: i64 },
    /// Rooms may be joined.
    Ready,
    /// Nothing follows.
    Over,
}

/// How long the end of the greeting is waited for after the welcome, in milliseconds.
const GREETING_MS: i64 = 5_000;

/// Pause before the wanted nickname is taken when its holder left, in milliseconds.
const FREED_MS: i64 = 1_000;

impl Session {
    pub(super) fn begin(&mut self) {
        self.urgent("CAP", &["LS", "302"]);
        if let Some(password) = self.settings.password.clone() {
            self.urgent("PASS", &[password.expose()]);
        }
        let nick = self.nick.clone();
        self.urgent("NICK", &[&nick]);
        // A blank would end the name, and a line end the line; the server would never answer.
        let username = self.settings.username.replace(char::is_whitespace, "_");
        let realname = self.settings.realname.replace(char::is_control, " ");
        self.urgent("USER", &[&username, "0", "*", &realname]);
    }

    pub(super) fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    pub(super) fn is_welcomed(&self) -> bool {
        matches!(self.phase, Phase::Welcomed { .. } | Phase::Ready)
    }

    pub(super) fn register_deadline(&self) -> Option<i64> {
        match self.phase {
            Phase::Registering { since } => Some(since + self.settings.times.register_ms),
            Phase::Welcomed { since } => Some(since + GREETING_MS),
            Phase::Ready => self.regain_at,
            Phase::Over => None,
        }
    }

    pub(super) fn tick_register(&mut self, now: i64) {
        if self.register_deadline().is_none_or(|at| now < at) {
            return;
        }
        match self.phase {
            Phase::Registering { .. } => {
                let limit_s = self.settings.times.register_ms / 1000;
                self.end(Ending::lost(format!(
                    "the server did not let us in within {limit_s} s"
                )));
            }
            Phase::Welcomed { .. } => self.ready(now),
            Phase::Ready => {
                self.regain_at = Some(now + self.settings.times.regain_ms);
                let wanted = self.settings.nick.clone();
                self.urgent("NICK", &[&wanted]);
            }
            Phase::Over => {}
        }
    }

    /// Takes the numbers of a registration; `false` where it is another one.
    pub(super) fn take_registration(&mut self, now: i64, code: u16, line: &Line) -> bool {
        match code {
            numeric::RPL_WELCOME => self.welcomed(now, line),
            numeric::RPL_CREATED => self.created = Some(line.last().to_owned()),
            numeric::RPL_ENDOFMOTD | numeric::ERR_NOMOTD => {
                if matches!(self.phase, Phase::Welcomed { .. }) {
                    self.ready(now);
                }
            }
            numeric::ERR_NICKNAMEINUSE | numeric::ERR_NICKCOLLISION => self.another_nick(),
            numeric::ERR_UNAVAILRESOURCE if self.room_index(line.param(1)).is_none() => {
                self.another_nick();
            }
            numeric::ERR_ERRONEUSNICKNAME if !self.is_welcomed() => {
                let sentence = format!(
                    "the server does not take the nickname {}: {}",
                    self.nick,
                    line.last()
                );
                self.end(Ending::fatal(
                    sentence,
                    "choose another `nick` in this side's settings",
                ));
            }
            numeric::ERR_PASSWDMISMATCH => {
                let sentence =
                    format!("the server's password is wrong or missing: {}", line.last());
                self.end(Ending::fatal(
                    sentence,
                    "put the server's password into a file, and name that in `password_file` of this side",
                ));
            }
            numeric::ERR_YOUREBANNEDCREEP | numeric::ERR_NOPERMFORHOST => {
                let sentence = format!("the server does not let us in: {}", line.last());
                self.end(Ending::fatal(sentence, "ask the operators of the network"));
            }
            _ => return false,
        }
        true
    }

    fn welcomed(&mut self, now: i64, line: &Line) {
        if self.is_welcomed() {
            return;
        }
        if self.settings.sasl.is_some()
            && !self.capabilities.logged_in
            && !self.settings.sasl_optional
        {
            let sentence = "the server let us in before the login";
            return self.end(Ending::fatal(
                sentence,
                "it has no SASL: use `nickserv_password_file`, or take the account out of this side's settings",
            ));
        }
        line.param(0).clone_into(&mut self.nick);
        self.phase = Phase::Welcomed { since: now };
    }

    fn ready(&mut self, now: i64) {
        self.phase = Phase::Ready;
        if !self.is_wanted(&self.nick) {
            self.regain_at = Some(now + self.settings.times.regain_ms);
        }
        self.identify();
        self.events.push_back(Event::Registered {
            nick: self.nick.clone(),
            account: self.account.clone(),
            network: self.isupport.network.clone(),
            created: self.created.clone(),
        });
        self.tick_rooms(now);
    }

    fn identify(&mut self) {
        let Some(service) = self.settings.nickserv.clone() else {
            return;
        };
        let account = service
            .account
            .map(|account| format!("{account} "))
            .unwrap_or_default();
        let text = format!("IDENTIFY {account}{}", service.password.expose());
        self.urgent("PRIVMSG", &[&service.nick, &text]);
    }

    /// A nickname was not free. After the registration that was a try for the wanted one, which comes again.
    fn another_nick(&mut self) {
        if self.is_welcomed() {
            return;
        }
        if let Some(nick) = self.names.next() {
            self.urgent("NICK", &[&nick]);
            self.nick = nick;
        } else {
            let sentence = "every nickname of this side is in use";
            let remedy = "name other `alternatives` in this side's settings";
            self.end(Ending::patient(sentence, Some(remedy), 0));
        }
    }

    pub(super) fn my_nick_is(&mut self, now: i64, nick: &str) {
        nick.clone_into(&mut self.nick);
        self.regain_at = (!self.is_wanted(nick)).then(|| now + self.settings.times.regain_ms);
        self.events.push_back(Event::Nick(nick.to_owned()));
    }

    /// Whether it is the wanted nickname, as far as the server takes its length.
    fn is_wanted(&self, nick: &str) -> bool {
        let length = self.isupport.nicklen.unwrap_or(usize::MAX);
        let wanted: String = self.settings.nick.chars().take(length).collect();
        self.isupport.casemapping.same(nick, &wanted)
    }

    /// Somebody no longer has this nickname.
    pub(super) fn freed(&mut self, now: i64, nick: &str) {
        if self.regain_at.is_some() && self.is_wanted(nick) {
            self.regain_at = Some(now + FREED_MS);
        }
    }
}
