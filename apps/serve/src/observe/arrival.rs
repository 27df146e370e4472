//! A request as a fact: made at the door, before anything is taken out of it.

use http::request::Parts;
use http::{HeaderMap, Method, Request, Version};
use tokio::time::Instant;
use towpath_diagnosis::observation::{Arrival, RequestHead, Transport};

use super::head::head;
use super::log::network_of;
use crate::client::Client;
use crate::config::TransportKind;

/// A request that is not answered yet.
#[derive(Debug)]
pub(crate) struct Arriving {
    request: RequestHead,
    transport: Transport,
    at: Instant,
}

impl Arriving {
    /// Of a request that names `transport`, or `Plain` for the application's own WebSocket.
    pub(crate) fn new<B>(request: &Request<B>, client: &Client, transport: Transport) -> Self {
        let line = (request.method(), request.uri().path(), request.version());
        Self::of(line, request.headers(), client, transport)
    }

    /// Of a request whose body is taken.
    pub(crate) fn of_parts(parts: &Parts, client: &Client, transport: Transport) -> Self {
        let line = (&parts.method, parts.uri.path(), parts.version);
        Self::of(line, &parts.headers, client, transport)
    }

    fn of(
        (method, path, version): (&Method, &str, Version),
        headers: &HeaderMap,
        client: &Client,
        transport: Transport,
    ) -> Self {
        Self {
            request: head(method, path, version, headers, client.trusted_hops),
            transport,
            at: Instant::now(),
        }
    }

    /// How long ago it came, in milliseconds.
    pub(super) fn ago_ms(&self) -> u64 {
        u64::try_from(self.at.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The fact, with the status of the answer.
    pub(crate) fn answered(self, client: &Client, status: u16) -> Arrival {
        let is_direct = client.trusted_hops == 0;
        let hello = client.hello.as_deref().filter(|_| is_direct);
        Arrival {
            transport: self.transport,
            request: self.request,
            hello: hello.cloned(),
            trusted_hops: client.trusted_hops,
            network: network_of(client),
            round_trip_us: client.round_trip_us.filter(|_| is_direct).map(u64::from),
            status,
        }
    }
}

/// A session's transport as observations name it.
pub(crate) fn transport(kind: TransportKind) -> Transport {
    match kind {
        TransportKind::Websocket => Transport::Websocket,
        TransportKind::Stream => Transport::Stream,
        TransportKind::Sse => Transport::Sse,
        TransportKind::Poll => Transport::Poll,
    }
}
