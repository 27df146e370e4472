//! What a session is told before it begins. It must never hold anything that changes while it runs.

use crate::secret::Secret;

/// How one connection registers and behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The nickname wanted.
    pub nick: String,
    /// Others to take while that is in use, in order; behind them `nick_`, `nick__`, and so on.
    pub alternatives: Vec<String>,
    /// The user name; servers cut and mark it as they like.
    pub username: String,
    /// What is shown as the real name.
    pub realname: String,
    /// The server's password (`PASS`).
    pub password: Option<Secret>,
    /// The account to log in to before the registration ends.
    pub sasl: Option<Sasl>,
    /// Whether a session may go on where the login does not work. Without it such a session ends.
    pub sasl_optional: bool,
    /// Whether an earlier session logged in by the same settings: a refusal now may pass.
    pub login_worked: bool,
    /// Since when the server of the session before ran, in its own words: one that runs since another time may have forgotten its history.
    pub created_before: Option<String>,
    /// A service to identify to after the registration, for networks without SASL.
    pub nickserv: Option<NickServ>,
    /// How fast lines may be sent.
    pub flood: Flood,
    /// Waits.
    pub times: Times,
    /// Whether joins, leaves and changed nicknames are told.
    pub presence: bool,
    /// What `CTCP VERSION` is answered with; empty for no answer.
    pub version: String,
}

/// A login by SASL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sasl {
    /// By name and password (RFC 4616).
    Plain {
        /// The account.
        account: String,
        /// Its password.
        password: Secret,
    },
    /// By the client certificate of the connection.
    External,
}

/// A service that knows nicknames by password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NickServ {
    /// Its nickname, `NickServ` nearly everywhere.
    pub nick: String,
    /// The account, where it differs from the nickname.
    pub account: Option<String>,
    /// The password.
    pub password: Secret,
}

/// How fast lines may be sent (RFC 1459 section 8.10): a message costs `every_ms`, and `burst` messages may be ahead of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flood {
    /// Messages at once. More is quicker, and is taken for a flood by strict servers.
    pub burst: u16,
    /// Milliseconds that a message costs; 0 for servers that do not limit this client.
    pub every_ms: u32,
}

/// Waits, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// From the first line to the end of the registration.
    pub register_ms: i64,
    /// Silence of the server after which it is pinged.
    pub ping_after_ms: i64,
    /// From that ping to any line; longer silence is a loss.
    pub silence_ms: i64,
    /// From a message that was sent to its proof.
    pub proof_ms: i64,
    /// First wait before a room is joined again that could not be; it doubles up to `rejoin_max_ms`.
    pub rejoin_ms: i64,
    /// Longest such wait.
    pub rejoin_max_ms: i64,
    /// From one try for the wanted nickname to the next.
    pub regain_ms: i64,
    /// From the request for a room's history to the end of what the server tells of it.
    pub history_ms: i64,
}

impl Default for Flood {
    fn default() -> Self {
        Self {
            burst: 5,
            every_ms: 2_000,
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            register_ms: 30_000,
            ping_after_ms: 60_000,
            silence_ms: 30_000,
            proof_ms: 30_000,
            rejoin_ms: 5_000,
            rejoin_max_ms: 300_000,
            regain_ms: 60_000,
            history_ms: 15_000,
        }
    }
}

impl Settings {
    /// Settings for a nickname, with everything else as most networks take it.
    pub fn new(nick: impl Into<String>) -> Self {
        let nick = nick.into();
        Self {
            username: "towpath".to_owned(),
            realname: "a chat relay (Towpath)".to_owned(),
            nick,
            alternatives: Vec::new(),
            password: None,
            sasl: None,
            sasl_optional: false,
            login_worked: false,
            created_before: None,
            nickserv: None,
            flood: Flood::default(),
            times: Times::default(),
            presence: false,
            version: "Towpath, a chat relay".to_owned(),
        }
    }
}
