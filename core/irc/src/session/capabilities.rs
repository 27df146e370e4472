//! What client and server agree on before the registration ends (`IRCv3` CAP 302), and the login within it.
//!
//! It must never let a session that was to log in go on without, unless the settings allow it.

use std::collections::{BTreeMap, BTreeSet};

use super::Session;
use crate::ending::Ending;
use crate::line::Line;
use crate::numeric;
use crate::sasl;

/// What is asked for wherever it is offered.
const WANTED: [&str; 10] = [
    "message-tags",
    "server-time",
    "account-tag",
    "echo-message",
    "labeled-response",
    "batch",
    "chghost",
    "multi-prefix",
    "draft/chathistory",
    "znc.in/server-time-iso",
];

/// How long a server is left alone that refuses a login which it took before, in milliseconds: its services may be in trouble.
const REFUSED_MS: i64 = 300_000;

/// Most capabilities of a server that are kept.
const OFFERED_MAX: usize = 256;

/// What was offered and agreed on.
#[derive(Debug, Default)]
pub(super) struct Capabilities {
    offered: BTreeMap<String, String>,
    enabled: BTreeSet<String>,
    /// The login is under way.
    logging_in: bool,
    /// The login is through, by success or because it may fail.
    pub(super) logged_in: bool,
}

impl Capabilities {
    pub(super) fn has(&self, name: &str) -> bool {
        self.enabled.contains(name)
    }

    /// Whether the server tells with a label what came of a line.
    pub(super) fn labels(&self) -> bool {
        ["labeled-response", "echo-message", "message-tags", "batch"]
            .iter()
            .all(|name| self.has(name))
    }
}

impl Session {
    pub(super) fn take_cap(&mut self, line: &Line) {
        let listed: Vec<String> = line.last().split_whitespace().map(str::to_owned).collect();
        match line.param(1).to_ascii_uppercase().as_str() {
            "LS" => self.offered(&listed, line.params.len() > 3 && line.param(2) == "*"),
            "ACK" => self.acknowledged(&listed),
            "NAK" if !self.is_welcomed() => self.without_any(),
            "DEL" => {
                for name in &listed {
                    self.capabilities.enabled.remove(name);
                }
            }
            _ => {}
        }
    }

    fn offered(&mut self, listed: &[String], more_follow: bool) {
        for capability in listed {
            let (name, value) = capability.split_once('=').unwrap_or((capability, ""));
            if self.capabilities.offered.len() < OFFERED_MAX {
                self.capabilities
                    .offered
                    .insert(name.to_owned(), value.to_owned());
            }
        }
        if more_follow || self.is_welcomed() {
            return;
        }
        let offered = &self.capabilities.offered;
        let mut request: Vec<&str> = WANTED
            .into_iter()
            .filter(|name| offered.contains_key(*name))
            .collect();
        let may_log_in = self.settings.sasl.as_ref().is_some_and(|login| {
            offered
                .get("sasl")
                .is_some_and(|listed| sasl::is_offered(login, listed))
        });
        if may_log_in {
            request.push("sasl");
        }
        if request.is_empty() {
            return self.without_any();
        }
        let request = request.join(" ");
        self.urgent("CAP", &["REQ", &request]);
    }

    fn acknowledged(&mut self, listed: &[String]) {
        for name in listed {
            match name.strip_prefix('-') {
                Some(name) => self.capabilities.enabled.remove(name),
                None => self.capabilities.enabled.insert(name.clone()),
            };
        }
        if self.is_welcomed() {
            return;
        }
        match &self.settings.sasl {
            Some(login) if self.capabilities.has("sasl") => {
                let mechanism = sasl::mechanism(login);
                self.capabilities.logging_in = true;
                self.urgent("AUTHENTICATE", &[mechanism]);
            }
            _ => self.without_any(),
        }
    }

    /// Nothing more is to be agreed on: the registration goes on, if it may without a login.
    fn without_any(&mut self) {
        if self.settings.sasl.is_some()
            && !self.capabilities.logged_in
            && !self.settings.sasl_optional
        {
            let known = self
                .capabilities
                .offered
                .get("sasl")
                .map_or("none", String::as_str);
            let sentence = format!(
                "the server offers no login of the wanted kind (SASL mechanisms: {known}); its services may be down"
            );
            let remedy = "wait for the services, or take the account out of this side's settings";
            return self.end(Ending::patient(sentence, Some(remedy), 0));
        }
        self.urgent("CAP", &["END"]);
    }

    pub(super) fn take_authenticate(&mut self, line: &Line) {
        let Some(login) = self
            .settings
            .sasl
            .as_ref()
            .filter(|_| self.capabilities.logging_in)
        else {
            return;
        };
        if line.param(0) != "+" {
            return;
        }
        for part in sasl::answer(login) {
            self.urgent("AUTHENTICATE", &[&part]);
        }
    }

    /// Takes the numbers of a login; `false` where it is another one.
    pub(super) fn take_login(&mut self, code: u16, line: &Line) -> bool {
        match code {
            numeric::RPL_LOGGEDIN => self.account = Some(line.param(2).to_owned()),
            numeric::RPL_LOGGEDOUT => self.account = None,
            numeric::RPL_SASLSUCCESS | numeric::ERR_SASLALREADY => self.login_over(true),
            numeric::RPL_SASLMECHS => {}
            numeric::ERR_NICKLOCKED
            | numeric::ERR_SASLFAIL
            | numeric::ERR_SASLTOOLONG
            | numeric::ERR_SASLABORTED => self.login_failed(line.last()),
            _ => return false,
        }
        true
    }

    fn login_failed(&mut self, words: &str) {
        if !self.capabilities.logging_in {
            return;
        }
        if self.settings.sasl_optional {
            self.note(format!(
                "the login failed, and the session goes on without: {words}"
            ));
            return self.login_over(false);
        }
        let sentence = format!("the login was refused: {words}");
        let remedy = "check the account and its password (or certificate) in this side's settings";
        self.end(if self.settings.login_worked {
            Ending::patient(sentence, Some(remedy), REFUSED_MS)
        } else {
            Ending::fatal(sentence, remedy)
        });
    }

    fn login_over(&mut self, worked: bool) {
        if !std::mem::take(&mut self.capabilities.logging_in) {
            return;
        }
        self.capabilities.logged_in = worked;
        self.urgent("CAP", &["END"]);
    }
}
