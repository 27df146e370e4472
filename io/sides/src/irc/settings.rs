//! What an IRC side needs to know.

use std::collections::BTreeMap;
use std::time::Duration;

use towpath_irc as irc;
use towpath_reach::Via;

use super::server::Server;
use crate::hidden::Hidden;
use crate::network::Network;

/// How an IRC side is configured. Two that are equal make the same side.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The side's whole name, `irc.libera` for example.
    pub name: String,
    /// How the network is reached.
    pub network: Network,
    /// The server.
    pub server: Server,
    /// The nickname wanted.
    pub nick: String,
    /// Others to take while that is in use, in order; behind them it with `_`, `__`, `3` and so on.
    pub alternatives: Vec<String>,
    /// The user name.
    pub username: String,
    /// What is shown as the real name.
    pub realname: String,
    /// The server's password.
    pub password: Option<Hidden>,
    /// The account, by SASL.
    pub login: Option<Login>,
    /// Whether to go on where the login does not work; otherwise the side waits or stops.
    pub login_optional: bool,
    /// A service to identify to, for networks without SASL.
    pub nickserv: Option<NickServ>,
    /// Keys of rooms, by the room's name.
    pub keys: BTreeMap<String, Hidden>,
    /// Whether joins, leaves, changed nicknames and topics are told.
    pub presence: bool,
    /// Messages at once; more is quicker, and is taken for a flood by strict servers.
    pub flood_burst: u16,
    /// What a message costs; zero for servers that do not limit this client.
    pub flood_every: Duration,
    /// What `CTCP VERSION` is answered with; empty for no answer.
    pub version: String,
    /// The Origin that a server which is a WebSocket is told, `https://chat.example` for example: many take only pages that they know.
    /// Without one none is sent.
    pub origin: Option<String>,
    /// By which way such a server is reached.
    pub via: Via,
    /// Whether a browser may be started for that.
    pub may_use_browser: bool,
    /// Waits.
    pub times: Times,
}

/// An account, by SASL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// By name and password.
    Plain {
        /// The account.
        account: String,
        /// Its password.
        password: Hidden,
    },
    /// By the client certificate of [`Network`].
    External,
}

/// A service that knows nicknames by password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NickServ {
    /// Its nickname.
    pub nick: String,
    /// The account, where it differs from the nickname.
    pub account: Option<String>,
    /// The password.
    pub password: Hidden,
}

/// Waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// From the connection to the end of the registration.
    pub register: Duration,
    /// Silence of the server after which it is pinged.
    pub ping_after: Duration,
    /// From that ping to any line.
    pub silence: Duration,
    /// From a message to its proof.
    pub proof: Duration,
    /// First wait before a room is joined again; it doubles.
    pub rejoin: Duration,
    /// Longest such wait.
    pub rejoin_max: Duration,
    /// From one try for the wanted nickname to the next.
    pub regain: Duration,
    /// First wait before the next connection; it doubles.
    pub backoff_first: Duration,
    /// Longest such wait.
    pub backoff_max: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            register: Duration::from_secs(30),
            ping_after: Duration::from_mins(1),
            silence: Duration::from_secs(30),
            proof: Duration::from_secs(30),
            rejoin: Duration::from_secs(5),
            rejoin_max: Duration::from_mins(5),
            regain: Duration::from_mins(1),
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_mins(1),
        }
    }
}

impl Settings {
    /// A server and a nickname, with every other setting at its default.
    pub fn new(name: impl Into<String>, server: Server, nick: impl Into<String>) -> Self {
        let usual = irc::Settings::new(nick);
        Self {
            name: name.into(),
            network: Network::default(),
            server,
            nick: usual.nick,
            alternatives: Vec::new(),
            username: usual.username,
            realname: usual.realname,
            password: None,
            login: None,
            login_optional: false,
            nickserv: None,
            keys: BTreeMap::new(),
            presence: false,
            flood_burst: usual.flood.burst,
            flood_every: Duration::from_millis(u64::from(usual.flood.every_ms)),
            version: usual.version,
            origin: None,
            via: Via::Auto,
            may_use_browser: true,
            times: Times::default(),
        }
    }

    /// What the machine needs to know; whether an earlier connection logged in is the caller's to say.
    pub(super) fn session(
        &self,
        login_worked: bool,
        created_before: Option<String>,
    ) -> irc::Settings {
        let secret = |hidden: &Hidden| irc::Secret::from(hidden.reveal());
        irc::Settings {
            alternatives: self.alternatives.clone(),
            username: self.username.clone(),
            realname: self.realname.clone(),
            password: self.password.as_ref().map(secret),
            sasl: self.login.as_ref().map(|login| match login {
                Login::Plain { account, password } => irc::Sasl::Plain {
                    account: account.clone(),
                    password: secret(password),
                },
                Login::External => irc::Sasl::External,
            }),
            sasl_optional: self.login_optional,
            login_worked,
            created_before,
            nickserv: self.nickserv.as_ref().map(|service| irc::NickServ {
                nick: service.nick.clone(),
                account: service.account.clone(),
                password: secret(&service.password),
            }),
            flood: irc::Flood {
                burst: self.flood_burst,
                every_ms: u32::try_from(self.flood_every.as_millis()).unwrap_or(u32::MAX),
            },
            times: irc::Times {
                register_ms: millis(self.times.register),
                ping_after_ms: millis(self.times.ping_after),
                silence_ms: millis(self.times.silence),
                proof_ms: millis(self.times.proof),
                rejoin_ms: millis(self.times.rejoin),
                rejoin_max_ms: millis(self.times.rejoin_max),
                regain_ms: millis(self.times.regain),
                ..irc::Times::default()
            },
            presence: self.presence,
            version: self.version.clone(),
            ..irc::Settings::new(self.nick.clone())
        }
    }
}

pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
