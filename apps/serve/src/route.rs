//! Where a request goes: one match.
//!
//! Every admission that depends on the request happens here: `Origin`, and whether the gateway drains.

use std::sync::Arc;

use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use towpath_diagnosis::observation::Transport;
use towpath_session::body::is_attempt;

use crate::admit::cors;
use crate::admit::count::Permit;
use crate::admit::origin::{self, Verdict};
use crate::body::{self, Body};
use crate::call::{Call, Endpoint};
use crate::client::Client;
use crate::config::TransportKind;
use crate::gateway::Gateway;
use crate::limits::Limit;
use crate::observe::Arriving;
use crate::{assets, console, forward, passthrough, probe, reports, sessions, upgrade};

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    /// Below `/.towpath/`: the application's path, and the name behind.
    Own { path: &'a str, name: &'a str },
    /// The application's.
    Application,
}

/// Answers one request.
pub(crate) async fn handle(
    gateway: &Arc<Gateway>,
    request: Request<Incoming>,
    client: Client,
    permit: Arc<Permit>,
) -> Response<Body> {
    match &gateway.console {
        Some(console) => console::handle(gateway, console, request, client, permit).await,
        None => carry(gateway, request, client, permit).await,
    }
}

/// Answers one request of a client of the application.
pub(crate) async fn carry(
    gateway: &Arc<Gateway>,
    request: Request<Incoming>,
    client: Client,
    permit: Arc<Permit>,
) -> Response<Body> {
    let path: Box<str> = request.uri().path().into();
    match place(&path) {
        Place::Own { path, name } => own(gateway, path, name, request, client, permit).await,
        Place::Application if upgrade::is_websocket(&request) => {
            websocket(gateway, request, client, permit).await
        }
        Place::Application => {
            let meant = request.headers().contains_key(header::SEC_WEBSOCKET_KEY);
            let arriving = meant.then(|| Arriving::new(&request, &client, Transport::Plain));
            let response = application(gateway, request, &client).await;
            if let Some(arriving) = arriving {
                let status = response.status().as_u16();
                gateway.observer.arrived(None, &client, arriving, status);
            }
            response
        }
    }
}

async fn application(
    gateway: &Arc<Gateway>,
    request: Request<Incoming>,
    client: &Client,
) -> Response<Body> {
    if gateway.settings.upstream.forward_http {
        return forward::handle(gateway, request, client).await;
    }
    body::text(StatusCode::NOT_FOUND, "only WebSockets here\n")
}

fn place(path: &str) -> Place<'_> {
    match path.rsplit_once(OWN) {
        Some((before, name)) => Place::Own {
            path: if before.is_empty() { "/" } else { before },
            name,
        },
        None => Place::Application,
    }
}

/// What the gateway answers itself.
async fn own(
    gateway: &Arc<Gateway>,
    path: &str,
    name: &str,
    request: Request<Incoming>,
    client: Client,
    permit: Arc<Permit>,
) -> Response<Body> {
    if let Some(asset) = assets::named(name) {
        return assets::respond(asset, request.method(), request.headers());
    }
    if name == "health" {
        return health(gateway);
    }
    if gateway.settings.reports.check_page {
        let file = probe::files::respond(name, request.method(), request.headers());
        if let Some(response) = file {
            return response;
        }
        if let Some(name) = name.strip_prefix("probe/") {
            return probed(gateway, name, request, client, permit).await;
        }
    }
    if name == "report" {
        return reported(gateway, path, request, &client).await;
    }
    match Endpoint::named(name) {
        Some(endpoint) if gateway.settings.sessions.enabled => {
            session(gateway, path, endpoint, request, client, permit).await
        }
        _ => body::text(StatusCode::NOT_FOUND, "no such endpoint\n"),
    }
}

/// 200 while the gateway serves, 503 while it drains.
pub(crate) fn health(gateway: &Gateway) -> Response<Body> {
    let mut response = if gateway.drain.is_draining() {
        body::text(StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else {
        body::text(StatusCode::OK, "ok\n")
    };
    let never = header::HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}

async fn websocket(
    gateway: &Arc<Gateway>,
    mut request: Request<Incoming>,
    client: Client,
    permit: Arc<Permit>,
) -> Response<Body> {
    if judged(gateway, &request, &client) == Verdict::Refused {
        return forbidden();
    }
    if gateway.drain.is_draining() {
        return Limit::DrainSeconds.response();
    }
    match upgrade::take(&mut request, permit) {
        Some(upgrade) => passthrough::handle(gateway, &request, upgrade, client).await,
        None => body::text(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is missing\n"),
    }
}

async fn session(
    gateway: &Arc<Gateway>,
    path: &str,
    endpoint: Endpoint,
    request: Request<Incoming>,
    client: Client,
    permit: Arc<Permit>,
) -> Response<Body> {
    let Some(attempt) = attempt_of(endpoint, &request) else {
        return admitted(gateway, path, endpoint, request, client, permit, None).await;
    };
    let arriving = Arriving::new(&request, &client, Transport::Websocket);
    let from = client.clone();
    let named = Some(&*attempt);
    let response = admitted(gateway, path, endpoint, request, client, permit, named).await;
    let status = response.status().as_u16();
    gateway.observer.arrived(named, &from, arriving, status);
    response
}

/// The attempt id of a request for a session's WebSocket: its whole query.
fn attempt_of(endpoint: Endpoint, request: &Request<Incoming>) -> Option<Box<str>> {
    let is_websocket = endpoint == Endpoint::Transport(TransportKind::Websocket);
    let query = request.uri().query().filter(|_| is_websocket)?;
    is_attempt(query).then(|| query.into())
}

async fn admitted(
    gateway: &Arc<Gateway>,
    path: &str,
    endpoint: Endpoint,
    mut request: Request<Incoming>,
    client: Client,
    permit: Arc<Permit>,
    attempt: Option<&str>,
) -> Response<Body> {
    let origin = match origin_of(judged(gateway, &request, &client), &request) {
        Ok(origin) => origin,
        Err(answer) => return *answer,
    };
    let wants = upgrade::is_websocket(&request);
    let upgrade = wants.then(|| upgrade::take(&mut request, permit)).flatten();
    let missing = endpoint == Endpoint::Transport(TransportKind::Websocket) && upgrade.is_none();
    if missing {
        let mut response = body::text(StatusCode::UPGRADE_REQUIRED, "a WebSocket is needed here\n");
        let websocket = header::HeaderValue::from_static("websocket");
        response.headers_mut().insert(header::UPGRADE, websocket);
        return response;
    }
    let arriving = match endpoint {
        Endpoint::Transport(TransportKind::Websocket) if attempt.is_none() => {
            Some(Arriving::new(&request, &client, Transport::Websocket))
        }
        _ => None,
    };
    let call = Call {
        endpoint,
        path: path.into(),
        request,
        client,
        origin: origin.clone(),
        upgrade,
        attempt: attempt.map(Into::into),
        arriving,
    };
    let mut response = sessions::handle(gateway, call).await;
    if let Some(origin) = origin {
        cors::allow(response.headers_mut(), &origin);
    }
    response
}

/// What the check page asks.
async fn probed(
    gateway: &Arc<Gateway>,
    name: &str,
    request: Request<Incoming>,
    client: Client,
    permit: Arc<Permit>,
) -> Response<Body> {
    let no_origin = !request.headers().contains_key(header::ORIGIN);
    let verdict = if no_origin && probe::may_lack_origin(name) {
        Verdict::NoPage
    } else {
        judged(gateway, &request, &client)
    };
    let origin = match origin_of(verdict, &request) {
        Ok(origin) => origin,
        Err(answer) => return *answer,
    };
    let asked = probe::Asked {
        request,
        client,
        permit,
    };
    let mut response = probe::handle(gateway, name, asked).await;
    if let Some(origin) = origin {
        cors::allow(response.headers_mut(), &origin);
    }
    response
}

/// What a page says of its connections.
async fn reported(
    gateway: &Arc<Gateway>,
    path: &str,
    request: Request<Incoming>,
    client: &Client,
) -> Response<Body> {
    let origin = match origin_of(judged(gateway, &request, client), &request) {
        Ok(origin) => origin,
        Err(answer) => return *answer,
    };
    let mut response = reports::handle(gateway, path, request, client, origin.as_deref()).await;
    if let Some(origin) = origin {
        cors::allow(response.headers_mut(), &origin);
    }
    response
}

/// Whether a request is admitted; a refusal is counted and logged here.
fn judged(gateway: &Gateway, request: &Request<Incoming>, client: &Client) -> Verdict {
    let verdict = origin::judge(&gateway.settings.origins, request.headers(), client);
    if verdict == Verdict::Refused
        && let Some(skipped) = gateway.metrics.origin_refused()
    {
        let headers = request.headers();
        let named = headers.get(header::ORIGIN);
        let named = named.map(|origin| String::from_utf8_lossy(origin.as_bytes()));
        tracing::warn!(
            origin = named.as_deref(),
            host = %client.host,
            client = %client.address,
            advice = origin::advice(headers, client),
            skipped,
            "Origin refused"
        );
    }
    verdict
}

/// The page that is let in, if it is one; else the answer: to a refused one, or to a preflight.
fn origin_of(
    verdict: Verdict,
    request: &Request<Incoming>,
) -> Result<Option<Box<str>>, Box<Response<Body>>> {
    match verdict {
        Verdict::Refused => Err(Box::new(forbidden())),
        Verdict::NoPage => Ok(None),
        Verdict::Page(origin) if cors::is_preflight(request) => {
            Err(Box::new(cors::preflight(&origin)))
        }
        Verdict::Page(origin) => Ok(Some(origin)),
    }
}

fn forbidden() -> Response<Body> {
    body::text(StatusCode::FORBIDDEN, "this Origin is not allowed\n")
}

/// What the gateway's own paths contain.
const OWN: &str = "/.towpath/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_endpoints_follow_the_application_s_path() {
        let own = |path, name| Place::Own { path, name };
        for (path, expected) in [
            ("/.towpath/stream", own("/", "stream")),
            ("/chat/.towpath/stream", own("/chat", "stream")),
            ("/a/.towpath/b/.towpath/send", own("/a/.towpath/b", "send")),
            ("/chat", Place::Application),
            ("/.towpath", Place::Application),
            ("/x.towpath/stream", Place::Application),
        ] {
            assert_eq!(place(path), expected, "{path}");
        }
    }
}
