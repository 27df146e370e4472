//! One request as the front hands it to the session side.

use http::Request;
use hyper::body::Incoming;

use crate::client::Client;
use crate::config::TransportKind;
use crate::observe::Arriving;
use crate::upgrade::ClientUpgrade;

/// A request for a session endpoint, already admitted: its `Origin` is allowed, and answers get their
/// CORS headers from the front.
#[derive(Debug)]
pub(crate) struct Call {
    /// Which endpoint.
    pub(crate) endpoint: Endpoint,
    /// The application's path in front of `/.towpath/`, never empty: `/chat/.towpath/poll` gives `/chat`.
    pub(crate) path: Box<str>,
    /// Method, headers and body as they arrived. The body is not read yet and not bounded yet.
    pub(crate) request: Request<Incoming>,
    /// The facts about the client.
    pub(crate) client: Client,
    /// The page's origin as the browser wrote it, allowed; none where the request had no `Origin`.
    pub(crate) origin: Option<Box<str>>,
    /// The switch to WebSocket; only for [`Endpoint::Transport`] of a WebSocket.
    pub(crate) upgrade: Option<ClientUpgrade>,
    /// The id of the page's attempts, where the query is one; only for a WebSocket.
    pub(crate) attempt: Option<Box<str>>,
    /// The request as it arrived; only for a WebSocket, where it is not noted under the id of an attempt already.
    pub(crate) arriving: Option<Arriving>,
}

/// What follows `/.towpath/` in the path of a session's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A transport's own: `websocket`, `stream`, `sse`, `poll`.
    Transport(TransportKind),
    /// The uplink of the transports without one: `send`.
    Send,
}

impl Endpoint {
    /// The endpoint of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if name == "send" {
            return Some(Self::Send);
        }
        let mut all = TransportKind::ALL.into_iter();
        all.find(|kind| kind.name() == name).map(Self::Transport)
    }
}
