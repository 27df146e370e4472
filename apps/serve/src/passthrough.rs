//! Plain WebSockets: the client's handshake goes to the backend, its answer comes back, and behind
//! a 101 the bytes are copied as they are.
//!
//! Nothing here looks into messages. Over HTTP/2 (RFC 8441) the backend still sees HTTP/1.1.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::{Request, Response, Version};
use hyper::body::Incoming;
use towpath_diagnosis::observation::{Arrival, Transport};
use towpath_websocket::DeflateParameters;

use crate::backend::{self, BackendRequest, NotOpened, Opened, Refusal, strip_connection};
use crate::body::{self, Body};
use crate::client::Client;
use crate::gateway::Gateway;
use crate::limits::Limit;
use crate::metrics::Direction;
use crate::observe::{Arriving, Log};
use crate::stream::LegStream;
use crate::upgrade::ClientUpgrade;

mod boundary;
mod compress;
mod copy;
mod relay;
mod seen;

use compress::{Down, Up};
use copy::{End, copy};
use relay::{Broken, Relay};

/// Answers a request for a plain WebSocket.
pub(crate) async fn handle(
    gateway: &Arc<Gateway>,
    request: &Request<Incoming>,
    upgrade: ClientUpgrade,
    client: Client,
) -> Response<Body> {
    let arriving = Arriving::new(request, &client, Transport::Plain);
    let headers = request.headers();
    let subprotocols = joined(headers, header::SEC_WEBSOCKET_PROTOCOL);
    let extensions = joined(headers, header::SEC_WEBSOCKET_EXTENSIONS);
    let asked = BackendRequest {
        target: request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str()),
        headers,
        client: &client,
        subprotocols: subprotocols.as_deref(),
        extensions: extensions.as_deref(),
        key: upgrade.key(),
    };
    let opened = backend::open(&gateway.upstream, asked).await;
    match opened {
        Ok(opened) => {
            gateway.metrics.handshake("open");
            let Opened {
                stream,
                leftover,
                mut headers,
            } = opened;
            strip_connection(&mut headers);
            let compress = gateway.settings.compression;
            let deflate = compress
                .then(|| compress::agreed(request.headers(), &headers))
                .flatten();
            if let Some(agreed) = deflate.and_then(|agreed| agreed.to_string().parse().ok()) {
                headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, agreed);
            }
            let response = upgrade.response(headers);
            let backend = (stream, leftover);
            let arrival = arriving.answered(&client, response.status().as_u16());
            let watched = Watched::new(gateway, request, &client, &arrival);
            tokio::spawn(carry(gateway.clone(), upgrade, backend, deflate, watched));
            response
        }
        Err(NotOpened::Refused(refusal)) => {
            gateway.metrics.handshake("refused");
            let status = refusal.status.as_u16();
            gateway.observer.arrived(None, &client, arriving, status);
            let cut = refusal.body_cut;
            tracing::debug!(status, cut, client = %client.address, "the backend refused");
            refused(*refusal)
        }
        Err(NotOpened::Failed(failure)) => {
            gateway.metrics.handshake(failure.name());
            if let Some(skipped) = gateway.metrics.no_backend() {
                let failure = failure.name();
                tracing::warn!(failure, skipped, client = %client.address, "no backend");
            }
            if matches!(failure, backend::BackendFailure::TimedOut { .. }) {
                gateway
                    .metrics
                    .limit_reached(Limit::HandshakeSeconds, &client.address);
            }
            let status = failure.status();
            gateway
                .observer
                .arrived(None, &client, arriving, status.as_u16());
            body::text(status, format!("{failure}\n"))
        }
    }
}

/// The backend's own answer, as far as it was read.
pub(crate) fn refused(refusal: Refusal) -> Response<Body> {
    let mut response = Response::new(body::full(refusal.body));
    *response.status_mut() = refusal.status;
    *response.headers_mut() = refusal.headers;
    response
}

/// All values of a header as one list.
fn joined(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let values = headers.get_all(name);
    let values: Vec<&str> = values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// What is noted of a WebSocket while it lives.
struct Watched {
    log: Arc<Log>,
    http2: bool,
    address: IpAddr,
}

impl Watched {
    fn new(
        gateway: &Gateway,
        request: &Request<Incoming>,
        client: &Client,
        arrival: &Arrival,
    ) -> Self {
        let log = gateway.observer.alone(client, request.uri().path());
        gateway.observer.add(&log, arrival);
        Self {
            log,
            http2: request.version() == Version::HTTP_2,
            address: client.address,
        }
    }
}

/// Carries one WebSocket to its end. It gets nothing but what it needs for that long.
async fn carry(
    gateway: Arc<Gateway>,
    upgrade: ClientUpgrade,
    (backend, of_backend): (LegStream, Bytes),
    deflate: Option<DeflateParameters>,
    watched: Watched,
) {
    let address = watched.address;
    let leg = match upgrade.stream().await {
        Ok(leg) => leg,
        Err(error) => {
            tracing::debug!(%error, client = %address, "the client left during its handshake");
            return;
        }
    };
    let mut relay = Relay::new(leg.stream, leg.leftover, backend, of_backend);
    if let Some(agreed) = deflate {
        relay.translate(Box::new(Up::new()), Box::new(Down::new(agreed)));
    }
    gateway.metrics.passthrough.inc();
    gateway.observer.used(&watched.log, Transport::Plain);
    let end = copy(&gateway.drain, &gateway.settings.limits, &mut relay).await;
    gateway.metrics.passthrough.dec();
    let attachment = seen::attachment(&relay, &end, watched.http2);
    gateway.observer.ended(&watched.log, attachment);
    let [up, down] = relay.bytes();
    for (direction, bytes) in [("up", up), ("down", down)] {
        let counted = &gateway.metrics.passthrough_bytes;
        counted
            .get_or_create(&Direction { direction })
            .inc_by(bytes);
    }
    match end {
        End::Both => tracing::debug!(client = %address, up, down, "plain WebSocket ended"),
        End::Drained => tracing::debug!(client = %address, up, down, "plain WebSocket drained"),
        End::Broken(Broken { leg, error }) => {
            tracing::debug!(client = %address, up, down, leg, %error, "plain WebSocket broke");
        }
        End::Limit(limit) => gateway.metrics.limit_reached(limit, &address),
    }
}
