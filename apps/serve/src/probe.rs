//! The server's side of the check page: answers that are exactly known, so that whatever differs in the browser was
//! done on the way (docs/reports.md, section 3).
//!
//! It must never reach the upstream, and never answer at more length or for longer than its limits.

use std::sync::Arc;

use http::header::{ALLOW, HeaderMap, HeaderValue, RETRY_AFTER, UPGRADE};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use towpath_diagnosis::observation::Transport;
use towpath_transport::server::{COMPLETE_CONTENT_TYPE, HttpTransport, set_headers};

use crate::admit::count::Permit;
use crate::body::{self, Body};
use crate::client::Client;
use crate::gateway::Gateway;
use crate::limits::Limit;
use crate::observe::Arriving;

mod beats;
mod begin;
pub(crate) mod files;
mod limits;
mod parameters;
mod plain;
mod runs;
mod socket;

use limits::ProbeLimit;
use parameters::Parameters;
pub(crate) use runs::Runs;
use runs::{NotTaken, Place};

/// A request for a probe, already admitted by its `Origin`.
#[derive(Debug)]
pub(crate) struct Asked {
    /// As it arrived; the body is not read yet and not bounded yet.
    pub(crate) request: Request<Incoming>,
    /// Whose it is.
    pub(crate) client: Client,
    /// Its connection's place among all.
    pub(crate) permit: Arc<Permit>,
}

/// What follows `/.towpath/probe/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    Begin,
    Fetch,
    Websocket,
    Stream(HttpTransport),
    Poll,
    Post,
}

impl Probe {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "begin" => Self::Begin,
            "fetch" => Self::Fetch,
            "websocket" => Self::Websocket,
            "stream" => Self::Stream(HttpTransport::Stream),
            "sse" => Self::Stream(HttpTransport::Sse),
            "poll" => Self::Poll,
            "post" => Self::Post,
            _ => return None,
        })
    }

    /// What its request is like on its way; ordinary ones are like a poll.
    fn transport(self) -> Transport {
        match self {
            Self::Websocket => Transport::Websocket,
            Self::Stream(HttpTransport::Stream) => Transport::Stream,
            Self::Stream(HttpTransport::Sse) => Transport::Sse,
            _ => Transport::Poll,
        }
    }

    fn methods(self) -> &'static [Method] {
        match self {
            Self::Begin | Self::Post => &[Method::POST],
            Self::Fetch | Self::Poll => &[Method::GET],
            Self::Websocket => &[Method::GET, Method::CONNECT],
            Self::Stream(_) => &[Method::GET, Method::POST],
        }
    }
}

/// Whether a request may come without an `Origin` though programs may not: browsers send none with a GET to the
/// page's own host. It needs the id of a run, and that was given to a page that is allowed.
pub(crate) fn may_lack_origin(name: &str) -> bool {
    Probe::named(name).is_some_and(|probe| probe.methods().contains(&Method::GET))
}

/// Answers a request below `/.towpath/probe/`.
pub(crate) async fn handle(gateway: &Arc<Gateway>, name: &str, asked: Asked) -> Response<Body> {
    let Some(probe) = Probe::named(name) else {
        return body::text(StatusCode::NOT_FOUND, "no such probe\n");
    };
    let methods = probe.methods();
    if !methods.contains(asked.request.method()) {
        return wrong_method(methods);
    }
    if probe == Probe::Begin {
        return begin::handle(gateway, asked).await;
    }
    let query = asked.request.uri().query().unwrap_or_default();
    let parameters = match Parameters::parse(query) {
        Ok(parameters) => parameters,
        Err(wrong) => return body::text(StatusCode::BAD_REQUEST, format!("{wrong}\n")),
    };
    let address = asked.client.counted_address();
    let place = match gateway.runs.enter(&parameters.attempt, address) {
        Ok(place) => place,
        Err(NotTaken::NoRun) => return body::text(StatusCode::NOT_FOUND, "no such run\n"),
        Err(NotTaken::Limit(limit)) => return refused(gateway, limit, &asked.client, None),
    };
    let transport = probe.transport();
    let arriving = (place.run().is_told(transport))
        .then(|| Arriving::new(&asked.request, &asked.client, transport));
    let client = asked.client.clone();
    let response = answer(gateway, probe, asked, &parameters, place).await;
    if let Some(arriving) = arriving {
        let attempt = Some(&*parameters.attempt);
        let status = response.status().as_u16();
        gateway.observer.arrived(attempt, &client, arriving, status);
    }
    response
}

async fn answer(
    gateway: &Arc<Gateway>,
    probe: Probe,
    asked: Asked,
    parameters: &Parameters,
    place: Place,
) -> Response<Body> {
    match probe {
        Probe::Begin => begin::handle(gateway, asked).await,
        Probe::Fetch => plain::fetch(&asked),
        Probe::Websocket => socket::handle(gateway, asked, parameters, place),
        Probe::Stream(transport) => beats::respond(gateway, transport, parameters, place),
        Probe::Poll => plain::poll(gateway, parameters, place).await,
        Probe::Post => plain::post(gateway, asked, place).await,
    }
}

/// A complete answer with the headers that the transports' answers have.
fn complete(status: StatusCode, content_type: &'static str, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(body::full(bytes));
    *response.status_mut() = status;
    set_headers(response.headers_mut(), content_type);
    response
}

/// An object of JSON.
fn json(value: &serde_json::Value) -> Response<Body> {
    complete(StatusCode::OK, JSON, value.to_string().into_bytes())
}

/// A limit is reached. It is named, so that somebody who is shown the answer can look it up.
fn refused(
    gateway: &Gateway,
    limit: ProbeLimit,
    client: &Client,
    retry_after: Option<u64>,
) -> Response<Body> {
    gateway.runs.refused(limit);
    let name = limit.name();
    tracing::debug!(limit = name, client = %client.address, "a probe was refused");
    let text = format!("limit reached: {name}\n");
    let mut response = complete(limit.status(), COMPLETE_CONTENT_TYPE, text.into_bytes());
    if let Some(seconds) = retry_after {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn draining() -> Response<Body> {
    Limit::DrainSeconds.response()
}

fn wrong_method(allowed: &[Method]) -> Response<Body> {
    let mut response = body::text(StatusCode::METHOD_NOT_ALLOWED, "another method\n");
    let names: Vec<&str> = allowed
        .iter()
        .filter(|method| **method != Method::CONNECT)
        .map(Method::as_str)
        .collect();
    if let Ok(allowed) = names.join(", ").parse() {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

/// A WebSocket was asked for by something that is none, or has become none on its way.
fn upgrade_required() -> Response<Body> {
    let mut response = body::text(StatusCode::UPGRADE_REQUIRED, "a WebSocket is needed here\n");
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    response
}

const JSON: &str = "application/json";
