//! The versioned, serialisable model of what was measured.
//!
//! An observation is a raw fact with its time and place, never a judgement: nothing in this module
//! says "blocked" or "intercepted". Saved reports hold observations, so that they can be judged
//! again by later rules. Secrets are removed before a fact is made (see [`crate::redact`]).

use serde::{Deserialize, Serialize};

use crate::catalogue::Vantage;
use crate::question::Question;

mod arrival;
mod attachment;
mod browser;
mod conversation;
mod endurance;
mod environment;
mod failure;
mod handshake;
mod history;
mod http;
mod name;
mod page;
mod page_test;
mod path;
mod target;
mod tls;
mod transport;

pub use arrival::{Arrival, ClientHello};
pub use attachment::{Attachment, AttachmentEnd};
pub use browser::{BrowserCapture, BrowserMessage, BrowserOutcome};
pub use conversation::{Conversation, Ending, Event, Exercise, MessageKind, Outcome, Payload};
pub use endurance::{Endurance, Traffic};
pub use environment::{Environment, ProxySetting};
pub use failure::{Failed, Failure, Stage};
pub use handshake::{Change, Handshake, HandshakeOutcome, OriginKind, Switched, TokenPlacement};
pub use history::{History, PastArrival, PastEnd};
pub use http::{Body, ControlPath, Exchange, ExchangeOutcome, Header, RequestHead, Response};
pub use name::{NameAnswer, NameOutcome, Resolution, Resolver};
pub use page::{Attempt, AttemptEnd, Page};
pub use page_test::{PageTest, PageTestKind, PageTestOutcome};
pub use path::{Connection, ConnectionOutcome, ProxyKind, Route, Tunnel, TunnelOutcome};
pub use target::{BrowserUse, Scheme, Target, TokenFacts};
pub use tls::{
    Certificate, ChainVerdict, TlsAttempt, TlsEstablished, TlsLibrary, TlsOutcome, TlsVariation,
    TrustReport,
};
pub use transport::Transport;

/// Version of the observation model, written into every report.
///
/// It rises when a reader of the previous version would misread a report.
pub const SCHEMA_VERSION: u32 = 1;

/// Number of an observation within one report, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObservationId(pub u32);

impl std::fmt::Display for ObservationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "o{}", self.0)
    }
}

/// One fact, with its number, its time and who measured it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Number within the report.
    pub id: ObservationId,
    /// When the fact was complete, in milliseconds since the run began.
    pub at_ms: u64,
    /// Who measured it.
    pub vantage: Vantage,
    /// The question it answers; absent for what was noticed unasked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Question>,
    /// What was measured.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// What the user asked to be checked, and with which options.
    Target(Target),
    /// What the machine is set to: proxies, roots, clock.
    Environment(Environment),
    /// What a resolver answered.
    Resolution(Resolution),
    /// One TCP connection attempt to one address.
    Connection(Connection),
    /// What a proxy answered when asked for a tunnel.
    Tunnel(Tunnel),
    /// One TLS handshake.
    Tls(TlsAttempt),
    /// An ordinary HTTP request and its answer.
    Exchange(Exchange),
    /// A WebSocket opening handshake and its answer.
    Handshake(Handshake),
    /// One exercise on an open WebSocket.
    Conversation(Conversation),
    /// One socket of the time ladder.
    Endurance(Endurance),
    /// What a real browser did and saw.
    Browser(BrowserCapture),
    /// A request for a transport as it reached the gateway.
    Arrival(Arrival),
    /// One use of a transport, as the gateway saw it.
    Attachment(Attachment),
    /// The page and its browser.
    Page(Page),
    /// One attempt of the page to use a transport.
    Attempt(Attempt),
    /// One test of the check page.
    PageTest(PageTest),
    /// How connections of one network ended, over many sessions.
    History(History),
    /// A question that was not put to the network, and why.
    NotTested {
        /// The question.
        question: Question,
        /// Why it was not asked, in words for the reader.
        reason: String,
    },
}
