//! What the gateway sees of each attempt, always on and cheap: arrivals, attachments, ends, and how the connections of
//! each network fared.
//!
//! It records facts and must never judge them. Whatever it keeps is bounded by count and time.

use std::net::IpAddr;

use towpath_diagnosis::Observation;
use towpath_diagnosis::observation::{Arrival, Attachment, History};

use crate::client::Client;

/// Sees every attempt of this gateway.
#[derive(Debug, Default)]
pub(crate) struct Observer {}

/// What is known of one session, check run or plain WebSocket, of the gateway's side.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The short code, without its dash.
    pub(crate) code: Box<str>,
    /// When it began, in milliseconds since 1970-01-01 UTC. Observations count from here.
    pub(crate) started_unix_ms: u64,
    /// The client's network as a prefix.
    pub(crate) network: String,
    /// Tells users apart: a salted hash of address and browser.
    pub(crate) user: String,
    /// Browser and version in a few words.
    pub(crate) browser: String,
    /// The host that the client asked for.
    pub(crate) host: String,
    /// Whether it was asked for over TLS.
    pub(crate) secure: bool,
    /// The application's path, without its query.
    pub(crate) path: String,
    /// The transport in use, or last in use; empty where none was.
    pub(crate) transport: String,
    /// The facts, of the gateway's vantage, in the order of time. No `Target` among them.
    pub(crate) observations: Vec<Observation>,
}

impl Observer {
    /// A request for a transport was answered. `attempt` is the id that the page gave it, if any.
    pub(crate) fn arrived(&self, _attempt: Option<&str>, _client: &Client, _arrival: Arrival) {}

    /// A WebSocket ended that never attached; `attempt` as for [`Observer::arrived`].
    pub(crate) fn ended_unattached(
        &self,
        _attempt: Option<&str>,
        _client: &Client,
        _attachment: Attachment,
    ) {
    }

    /// What is known under a session's code: it lives, or ended a short while ago.
    pub(crate) fn session(&self, _code: &str) -> Option<Seen> {
        None
    }

    /// What is known of the requests with an attempt id.
    pub(crate) fn attempt(&self, _attempt: &str) -> Option<Seen> {
        None
    }

    /// How connections from the network of an address fared.
    pub(crate) fn history(&self, _address: IpAddr) -> Option<History> {
        None
    }
}
