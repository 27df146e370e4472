//! What a Kosmi side needs to know. It must never show a token.

use std::time::Duration;

use towpath_browser::BrowserOptions;
use towpath_chat::kosmi::Profile;
use towpath_reach::Via;
use towpath_tokens::{CacheSettings, Place};
use url::Url;

use crate::hidden::Hidden;
use crate::network::Network;

/// How a Kosmi side is configured. Two that are equal make the same side.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The side's whole name, `kosmi.main` for example.
    pub name: String,
    /// How the network is reached.
    pub network: Network,
    /// What is asked and how answers are read.
    pub profile: Profile,
    /// Where the chat is, `wss` or `ws`; else the profile's.
    pub url: Option<Url>,
    /// Where an anonymous login is asked for; else the profile's.
    pub login_url: Option<Url>,
    /// As whom the side speaks.
    pub login: Login,
    /// The name of the login in the cache of tokens. Without one, an anonymous login has the side's own, and a page's has none.
    pub account: Option<String>,
    /// Where tokens are kept; else where all of this user's are.
    pub tokens: Option<CacheSettings>,
    /// By which way to the chat.
    pub via: Via,
    /// Whether a browser may be started where nothing else gets through, or to read a page's token.
    pub may_use_browser: bool,
    /// Which browser.
    pub browser: BrowserOptions,
    /// Whether who comes and goes is told.
    pub members: bool,
    /// Waits.
    pub times: Times,
}

/// As whom a side speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// As a visitor, whom the service gives a name. The token is kept, so that it stays the same visitor.
    Anonymous,
    /// By a token that somebody took from a browser.
    Token(Hidden),
    /// By the token that a page holds, read by a browser.
    Page {
        /// The page; else the profile's.
        page: Option<Url>,
        /// Where in the page; else the profile's key of local storage.
        place: Option<Place>,
    },
}

/// The waits of a Kosmi side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// For the opening of the socket. An inquiry into a refusal and the start of a browser have to fit in.
    pub open: Duration,
    /// For the answer to `connection_init`. Servers are known that refuse without a word.
    pub acknowledgement: Duration,
    /// For the answer to a query or mutation.
    pub operation: Duration,
    /// How long the server may say nothing. Shorter finds a dead connection sooner and takes a slow one for dead.
    pub silence: Duration,
    /// Between two pings. It has to be below `silence`, and below the 60 s after which such servers close.
    pub ping: Duration,
    /// How long our own message may take to come back, before the history is asked for it.
    pub echo: Duration,
    /// The first look into the history after a start, which closes what fell between history and subscription.
    pub reconcile_first: Duration,
    /// Between two looks after that. Longer costs less and finds a lost message later.
    pub reconcile: Duration,
    /// The first wait after a loss; it doubles.
    pub backoff_first: Duration,
    /// The longest wait after a loss.
    pub backoff_max: Duration,
    /// The wait where the same attempt is likely to end the same way.
    pub slow: Duration,
    /// How long a connection has to hold before losses are forgotten.
    pub stable: Duration,
}

impl Settings {
    /// A side that visits anonymously, with every other setting at its default.
    pub fn new(name: impl Into<String>, network: Network, profile: Profile) -> Self {
        Self {
            name: name.into(),
            network,
            profile,
            url: None,
            login_url: None,
            login: Login::Anonymous,
            account: None,
            tokens: None,
            via: Via::Auto,
            may_use_browser: true,
            browser: BrowserOptions::default(),
            members: false,
            times: Times::default(),
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            open: Duration::from_mins(1),
            acknowledgement: Duration::from_secs(10),
            operation: Duration::from_secs(15),
            silence: Duration::from_secs(90),
            ping: Duration::from_secs(25),
            echo: Duration::from_secs(10),
            reconcile_first: Duration::from_secs(5),
            reconcile: Duration::from_secs(45),
            backoff_first: Duration::from_secs(1),
            backoff_max: Duration::from_mins(1),
            slow: Duration::from_mins(5),
            stable: Duration::from_mins(1),
        }
    }
}
